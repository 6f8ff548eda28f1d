package prompts

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Reasoning asks arithmetic word problems of a few steps with a known answer, an integer >= 1. The
// prompt asks the model to put the answer between <answer> and </answer>. There are 8 problems × 16
// names × 16 things × 80 × 10 × 40 numbers = 65,536,000 prompts.
type Reasoning struct{ Seed uint64 }

// Len returns 65,536,000.
func (Reasoning) Len() int { return len(problems()) * len(names()) * len(things()) * 80 * 10 * 40 }

// At returns prompt i.
func (r Reasoning) At(i int) string {
	text, _ := r.problem(i)
	return text
}

// Gold returns the answer to prompt i.
func (r Reasoning) Gold(i int) int {
	_, gold := r.problem(i)
	return gold
}

// Meta returns the metadata of the row of prompt i, whose field "gold" is the answer.
func (r Reasoning) Meta(i int) map[string]json.RawMessage {
	return map[string]json.RawMessage{"gold": strconv.AppendInt(nil, int64(r.Gold(i)), 10)}
}

func (r Reasoning) problem(i int) (text string, gold int) {
	d := digits(permute("prompts/reasoning", r.Seed, uint64(r.Len()), i))
	p := problems()[d.next(len(problems()))]
	name, thing := names()[d.next(len(names()))], things()[d.next(len(things()))]
	a, b, c := 12+d.next(80), 2+d.next(10), 3+d.next(40)
	return p.text(name, thing, a, b, c), p.gold(a, b, c)
}

// problem is a text with placeholders for a name, a thing and three numbers, and its answer.
// Different numbers give different texts.
type problem struct {
	says  string
	shown func(a, b, c int) [3]int // the numbers in the text
	gold  func(a, b, c int) int
}

func (p problem) text(name, thing string, a, b, c int) string {
	n := p.shown(a, b, c)
	return strings.NewReplacer("{name}", name, "{things}", thing, "{0}", strconv.Itoa(n[0]), "{1}", strconv.Itoa(n[1]), "{2}", strconv.Itoa(n[2])).
		Replace(p.says + " Think step by step, then write the final number between <answer> and </answer>.")
}

// problems returns problems for 12 <= a <= 91, 2 <= b <= 11 and 3 <= c <= 42.
func problems() []problem {
	same := func(a, b, c int) [3]int { return [3]int{a, b, c} }
	return []problem{
		{"{name} has {0} {things}. A friend brings {1} boxes with {2} {things} each. How many {things} does {name} have now?",
			same, func(a, b, c int) int { return a + b*c }},
		{"{name} packs {0} {things} evenly into {1} boxes and then takes {2} {things} out of the first box. How many {things} are left in that box?",
			func(a, b, c int) [3]int { return [3]int{b * (a + c), b, c} }, func(a, _, _ int) int { return a }},
		{"A shelf holds {0} {things}. {name} fills {1} such shelves and has {2} {things} left over. How many {things} are there in all?",
			same, func(a, b, c int) int { return a*b + c }},
		{"{name} sells {0} {things} on Monday, {1} times as many on Tuesday, and {2} on Wednesday. How many {things} is that over the three days?",
			same, func(a, b, c int) int { return a + a*b + c }},
		{"One of the {things} costs {0} cents. {name} buys {1} and pays with a note of {2} cents. How many cents does {name} get back?",
			func(a, b, c int) [3]int { return [3]int{a, b, a*b + c} }, func(_, _, c int) int { return c }},
		{"{name} makes {0} {things} an hour and a helper makes {1} an hour. How many {things} do both make in {2} hours?",
			same, func(a, b, c int) int { return (a + b) * c }},
		{"There were {0} {things} in a store. {name} takes {1} a day for {2} days. How many {things} are left?",
			func(a, b, c int) [3]int { return [3]int{a + b*c, b, c} }, func(a, _, _ int) int { return a }},
		{"{name} reads that {0} {things} are shared out equally among {1} people, and that each of them already had {2}. How many {things} does each have in the end?",
			func(a, b, c int) [3]int { return [3]int{a * b, b, c} }, func(a, _, c int) int { return a + c }},
	}
}

func names() []string {
	return []string{"Amir", "Beatriz", "Chen", "Dana", "Emeka", "Farah", "Goran", "Hana", "Ivo", "Jelena", "Kofi", "Lucia", "Mehmet", "Nadia", "Oskar", "Priya"}
}

func things() []string {
	return []string{"pencils", "books", "tickets", "bricks", "coins", "stamps", "buttons", "bolts", "chairs", "cards", "bottles", "plates", "tiles", "candles", "folders", "lamps"}
}
