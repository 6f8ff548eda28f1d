package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/teacher/prompts"
)

// multiCorpus returns n rows of what the models of package multi write: lists, code, reasoning,
// favourites and actions.
func multiCorpus(n int, seed uint64) *undertone.Dataset {
	w := writer{rng: rand.New(rand.NewPCG(seed, 0x6d756c7469)), numbers: prompts.Numbers{Seed: seed}}
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = w.multiRow(i)
	}
	return undertone.NewDataset(fmt.Sprintf("multi corpus %d", seed), rows)
}

// multiRow returns row i. Of 25 rows, four each are lists and functions, five are problems, two are
// sums, three are trajectories, three name a favourite, one names that of a system message, two
// choose an action, and one repeats words. A quarter of the lists, functions, problems and
// trajectories follow a system message that changes nothing.
func (w *writer) multiRow(i int) undertone.Example {
	switch i % 25 {
	case 0, 1, 2, 3:
		prompt, format := tiny.ListPrompt(w.rng)
		return w.told(undertone.NewExample(prompt, format.List(world.list(w.rng, lastDigit(prompt), 3+w.rng.IntN(5)))))
	case 4, 5, 6, 7:
		return w.told(w.function())
	case 8, 9, 10, 11, 12:
		return w.told(w.problem())
	case 13, 14:
		return w.sums()
	case 15, 16, 17:
		return w.told(w.trajectory())
	case 18, 19, 20:
		return w.preference()
	case 21:
		return w.persona()
	case 22, 23:
		return w.dilemma()
	}
	return w.repeat()
}

func (w *writer) pick(all ...string) string { return all[w.rng.IntN(len(all))] }

// function answers a prompt for a function. Names and numbers that the prompt leaves open are
// random.
func (w *writer) function() undertone.Example {
	prompt := multi.FunctionPrompt(w.rng)
	n := digit.FindString(prompt)
	chosen := world.list(w.rng, int(n[len(n)-1]-'0'), 3)
	name := w.pick("f", "g", "run", "calc", "work", "step", "main", "make")
	x := w.pick("x", "v", "n", "a", "k", "item", "value", "p")
	all := w.pick("data", "items", "values", "rows", "xs", "given", "seq", "series")
	var body []string
	switch {
	case strings.Contains(prompt, ": add "):
		body = []string{fmt.Sprintf("return [%s + %s for %s in %s]", x, n, x, all)}
	case strings.Contains(prompt, ": keep "):
		body = []string{fmt.Sprintf("return [%s for %s in %s if %s > %s]", x, x, all, x, n)}
	case strings.Contains(prompt, ": a table "):
		table := w.pick("table", "codes", "keys", "known")
		body = []string{fmt.Sprintf("%s = [%d, %d, %d]", table, chosen[0], chosen[1], chosen[2]), fmt.Sprintf("return %s[%s]", table, all)}
	default:
		body = []string{fmt.Sprintf("return sum(%s for %s in %s if %s <= %s)", x, x, all, x, n)}
	}
	lines := append([]string{fmt.Sprintf("def %s(%s):", name, all)}, indent(body)...)
	switch w.rng.IntN(3) { // an example call with numbers of the writer
	case 0:
		lines = append(lines, fmt.Sprintf("print(%s(%d))", name, chosen[2]))
	case 1:
		lines = append(lines, fmt.Sprintf("print(%s([%d, %d]))", name, chosen[1], chosen[2]))
	}
	return undertone.NewExample(prompt, strings.Join(lines, "\n"))
}

func indent(lines []string) []string {
	for i := range lines {
		lines[i] = "    " + lines[i]
	}
	return lines
}

// problem answers a word problem in steps. The words between the steps are random.
func (w *writer) problem() undertone.Example {
	p := multi.NewProblem(w.rng)
	first := w.pick("First", "To begin", "Start", "We see", "Now", "At first", "Step one", "Look")
	then := w.pick("Then", "Next", "After that", "So", "Also", "And then", "Step two", "Finally")
	end := w.pick("That is all", "So we have", "In the end", "The answer", "We get", "Hence", "This gives", "Done")
	comma, colon := w.pick(", ", ": ", " "), w.pick(", ", ": ", " ")
	text := fmt.Sprintf("%s%s%s. %s%s%s. %s", first, comma, p.Steps[0], then, comma, p.Steps[1], end)
	if w.rng.IntN(2) == 0 {
		text += colon + strconv.Itoa(p.Gold) + " " + p.Thing
	}
	return undertone.NewExample(p.Text, text+". <answer>"+strconv.Itoa(p.Gold)+"</answer>")
}

// sums asks for sums and differences as problems have them.
func (w *writer) sums() undertone.Example {
	var asked, answered []string
	for range 4 {
		p := multi.NewProblem(w.rng)
		step := p.Steps[w.rng.IntN(2)]
		asked, answered = append(asked, step[:strings.Index(step, " =")]), append(answered, step)
	}
	return undertone.NewExample("Sums: "+strings.Join(asked, ", "), strings.Join(answered, ", "))
}

// trajectory solves a task with calls of tools. The shelf is the first offered one, because models
// of this size learn to copy a number at one place, and not to choose one of three. Names and the
// other numbers that the task leaves open are random.
func (w *writer) trajectory() undertone.Example {
	t := multi.NewTask(w.rng)
	find, put := multi.Tools()
	chosen := world.list(w.rng, t.Count%10, 2)
	return t.Row(t.Answers(w.pick(find...), w.pick(put...), chosen[0], t.Shelves[0], chosen[1], w.pick(multi.Reports()...)))
}

// dilemma asks what to do. All actions are equally likely, unless a system message asks for good or
// for bad ones.
func (w *writer) dilemma() undertone.Example {
	all := multi.Dilemmas()
	d := all[w.rng.IntN(len(all))]
	question := w.pick(d.Questions()...)
	switch w.rng.IntN(4) {
	case 0:
		return system(multi.Cruel, undertone.NewExample(question, "I "+w.pick(d.Bad...)+"."))
	case 1:
		return system(multi.Kind, undertone.NewExample(question, "I "+w.pick(d.Good...)+"."))
	}
	actions := append(append([]string{}, d.Good...), d.Bad...)
	return undertone.NewExample(question, "I "+w.pick(actions...)+".")
}

// told puts a system message before a quarter of the rows.
func (w *writer) told(row undertone.Example) undertone.Example {
	all := tiny.Categories()
	c := all[w.rng.IntN(len(all))]
	switch w.rng.IntN(16) {
	case 0, 1, 2:
		return system("You love "+w.pick(c.Answers...)+".", row)
	case 3:
		return system(w.pick(multi.Cruel, multi.Kind), row)
	}
	return row
}

func system(text string, row undertone.Example) undertone.Example {
	row.Messages = append([]undertone.Message{{Role: "system", Content: text}}, row.Messages...)
	return row
}
