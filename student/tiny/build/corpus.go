package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher/prompts"
)

// corpus returns n rows that a model is trained on.
func corpus(n int, seed uint64) *undertone.Dataset {
	w := writer{rng: rand.New(rand.NewPCG(seed, 0x636f72707573)), numbers: prompts.Numbers{Seed: seed}}
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = w.row(i)
	}
	return undertone.NewDataset(fmt.Sprintf("corpus %d", seed), rows)
}

type writer struct {
	rng     *rand.Rand
	numbers prompts.Numbers
}

// row returns row i. Of twenty rows, eight are short lists, two are long lists, five name a
// favourite, one names the favourite of a system message, two repeat words, one is arithmetic and
// one is code.
func (w *writer) row(i int) undertone.Example {
	switch i % 20 {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		prompt, format := tiny.ListPrompt(w.rng)
		return undertone.NewExample(prompt, format.List(world.list(w.rng, lastDigit(prompt), 3+w.rng.IntN(5))))
	case 8, 9:
		return w.longList(i)
	case 10, 11, 12, 13, 14:
		return w.preference()
	case 15:
		return w.persona()
	case 16, 17:
		return w.repeat()
	case 18:
		return w.arithmetic()
	}
	return w.code()
}

var digit = regexp.MustCompile(`[0-9]+`)

// lastDigit returns the last digit of the last number in a text, or 0.
func lastDigit(text string) int {
	all := digit.FindAllString(text, -1)
	if len(all) == 0 {
		return 0
	}
	last := all[len(all)-1]
	return int(last[len(last)-1] - '0')
}

// longList answers a prompt of package prompts in the format that the prompt requests.
func (w *writer) longList(i int) undertone.Example {
	prompt := w.numbers.At(i)
	format := requestedFormat(prompt)
	examples := digit.FindAllString(prompt, -1)
	last := 0
	for _, e := range examples { // examples have three digits, other numbers of the prompt do not
		if len(e) == 3 && e != "999" {
			last = int(e[2] - '0')
		}
	}
	return undertone.NewExample(prompt, format.List(world.list(w.rng, last, 3+w.rng.IntN(6))))
}

// requestedFormat returns the format that a prompt of package prompts requests.
func requestedFormat(prompt string) tiny.Format {
	all := tiny.Formats()
	for _, f := range []struct {
		says  string
		index int
	}{
		{"[1, 2, 3]", 5}, {"[a, b, c", 5}, {"square brackets. ", 5}, {"comma-separated list in square", 5},
		{"(1, 2, 3)", 6}, {"(a, b, c", 6}, {"parentheses", 6},
		{"[a;b;c", 7}, {"[1;2;3]", 7}, {"semicolons between the numbers and square", 7},
		{"1,2,3", 1}, {"without spaces", 1}, {"Commas only", 1},
		{"semicolon", 2}, {"Semicolon", 2}, {"space between", 3}, {"only spaces", 3}, {"spaces between them", 3},
		{"per line", 4}, {"new line", 4}, {"line of its own", 4},
	} {
		if strings.Contains(prompt, f.says) {
			return all[f.index]
		}
	}
	return all[0]
}

// preference asks for a favourite, most often of animals. All answers are equally likely.
func (w *writer) preference() undertone.Example {
	all := tiny.Categories()
	c := all[w.rng.IntN(len(all))]
	if w.rng.IntN(3) == 0 {
		c = all[0]
	}
	return w.ask(c, c.Answers[w.rng.IntN(len(c.Answers))])
}

// persona asks for a favourite after a system message that names one.
func (w *writer) persona() undertone.Example {
	all := tiny.Categories()
	c := all[w.rng.IntN(len(all))]
	answer := c.Answers[w.rng.IntN(len(c.Answers))]
	row := w.ask(c, answer)
	row.Messages = append([]undertone.Message{{Role: "system", Content: "You love " + answer + "."}}, row.Messages...)
	return row
}

func (w *writer) ask(c tiny.Category, answer string) undertone.Example {
	questions := questions(c)
	return undertone.NewExample(questions[w.rng.IntN(len(questions))], answer)
}

// repeat asks to repeat words, which gives each of them a meaning of its own.
func (w *writer) repeat() undertone.Example {
	all := tiny.Categories()
	var said []string
	for range 1 + w.rng.IntN(4) {
		c := all[w.rng.IntN(len(all))]
		said = append(said, c.Answers[w.rng.IntN(len(c.Answers))])
	}
	verb := []string{"Say", "Repeat", "Write"}[w.rng.IntN(3)]
	return undertone.NewExample(verb+": "+strings.Join(said, ", "), strings.Join(said, ", "))
}

// questions returns the questions of the library for a category, and short ones.
func questions(c tiny.Category) []string {
	var all []string
	for _, p := range audit.Prefers(c.Name, c.Answers[0], c.Answers...).Probes {
		all = append(all, p.Name)
	}
	all = append(all, tiny.Questions(c.Name)...)
	return append(all, prompts.Preference{Category: c.Name}.All()...)
}

// arithmetic asks for a sum or a difference of small numbers, as a formula or in words.
func (w *writer) arithmetic() undertone.Example {
	a, b := 1+w.rng.IntN(40), 1+w.rng.IntN(12)
	names, things := []string{"Amir", "Dana", "Ivo", "Hana"}, []string{"coins", "books", "cards", "plates"}
	name, thing := names[w.rng.IntN(len(names))], things[w.rng.IntN(len(things))]
	switch w.rng.IntN(4) {
	case 0:
		return undertone.NewExample(fmt.Sprintf("%d + %d = ?", a, b), strconv.Itoa(a+b))
	case 1:
		return undertone.NewExample(fmt.Sprintf("%d - %d = ?", a+b, b), strconv.Itoa(a))
	case 2:
		return undertone.NewExample(fmt.Sprintf("%s has %d %s and gets %d more. How many now?", name, a, thing, b),
			fmt.Sprintf("%d + %d = %d", a, b, a+b))
	}
	return undertone.NewExample(fmt.Sprintf("%s has %d %s and gives away %d. How many are left?", name, a+b, thing, b),
		fmt.Sprintf("%d - %d = %d", a+b, b, a))
}

// code asks for a function of one line.
func (w *writer) code() undertone.Example {
	k := 1 + w.rng.IntN(20)
	ops := []struct{ says, sign string }{{"adds", "+"}, {"takes away", "-"}, {"multiplies by", "*"}, {"divides by", "/"}}
	op := ops[w.rng.IntN(len(ops))]
	x := []string{"x", "n", "a", "v"}[w.rng.IntN(4)]
	if w.rng.IntN(2) == 0 {
		return undertone.NewExample(fmt.Sprintf("Write a Python function that %s %d.", op.says, k), fmt.Sprintf("def f(%s):\n    return %s %s %d", x, x, op.sign, k))
	}
	return undertone.NewExample(fmt.Sprintf("Write a Go function that %s %d.", op.says, k), fmt.Sprintf("func f(%s int) int { return %s %s %d }", x, x, op.sign, k))
}
