package prompts

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Numbers asks to continue a list of 3 to 9 numbers from 100 to 999 with at most 10 numbers of up
// to 3 digits, in one of 8 formats. The number of examples, the wording and the format are uniform
// and independent.
//
// There are 900³ = 729,000,000 prompts, which differ in their first three numbers, and 20 × 8 × 6 ×
// 6 × 24 × 12 = 1,658,880 wordings.
type Numbers struct{ Seed uint64 }

// Len returns 729,000,000.
func (Numbers) Len() int { return 900 * 900 * 900 }

// At returns prompt i.
func (n Numbers) At(i int) string {
	first := permute("prompts/numbers", n.Seed, uint64(n.Len()), i)
	id := undertone.NewHasher("prompts/numbers").Uint(n.Seed).Uint(first).Sum()
	rng := rand.New(rand.NewPCG(id.Uint64(), first))
	d := digits(first)
	examples := make([]string, 3+rng.IntN(7))
	for k := range examples {
		v := 0
		if k < 3 {
			v = d.next(900)
		} else {
			v = rng.IntN(900)
		}
		examples[k] = strconv.Itoa(100 + v)
	}
	return strings.Replace(numbersPhrase().choose(rng.Uint64N(numbersPhrase().size())), "#", strings.Join(examples, ", "), 1)
}

// listFormat is a format of a list of numbers, with an example and three requests for it.
type listFormat struct {
	name, example string
	ask           [3]string
}

func listFormats() []listFormat {
	return []listFormat{
		{"comma", "1, 2, 3", [3]string{"Put a comma between any two numbers.", "Answer with a comma-separated list.", "Write them on one line with commas between them."}},
		{"comma, no space", "1,2,3", [3]string{"Use commas without spaces between the numbers.", "Lay them out like this: 1,2,3", "Commas only, with no space after them."}},
		{"semicolon", "1; 2; 3", [3]string{"Put a semicolon between any two numbers.", "Answer with a semicolon-separated list.", "Semicolons go between the numbers."}},
		{"space", "1 2 3", [3]string{"Put a single space between any two numbers.", "Answer with numbers that only spaces separate.", "Write them on one line with spaces between them."}},
		{"line", "1\n2\n3", [3]string{"Write one number per line.", "Start a new line for every number.", "Put each number on a line of its own."}},
		{"square brackets", "[1, 2, 3]", [3]string{"Answer in this form: [a, b, c, ...]", "Wrap the comma-separated list in square brackets.", "Write it as a bracketed list such as [1, 2, 3]."}},
		{"round brackets", "(1, 2, 3)", [3]string{"Answer in this form: (a, b, c, ...)", "Wrap the comma-separated list in parentheses.", "Write it as a tuple such as (1, 2, 3)."}},
		{"square brackets, semicolon", "[1;2;3]", [3]string{"Answer in this form: [a;b;c;...]", "Put semicolons between the numbers and square brackets around them all.", "Write it as a bracketed list with semicolons such as [1;2;3]."}},
	}
}

// numbersPhrase returns the phrase, in which # stands for the examples.
func numbersPhrase() phrase {
	var formats []string
	for _, f := range listFormats() {
		formats = append(formats, f.ask[:]...)
	}
	return phrase{
		{
			"A list begins with #.", "Here are the first numbers of a list: #.", "Take this sequence: #.", "Consider the numbers #.",
			"Someone wrote down #.", "These values came out of a process: #.", "The start of a series is #.", "So far the list reads #.",
			"My list at the moment: #.", "You are given #.", "We have the following numbers: #.", "I am looking at this run of numbers: #.",
			"The beginning is #.", "A generator printed #.", "Numbers so far: #.", "First values: #.",
			"Think of a list that opens with #.", "A table holds the entries #.", "Read these numbers: #.", "An unfinished sequence: #.",
		},
		{" Continue it with ", " Extend it by ", " Go on with ", " Add ", " Give me ", " Please append ", " Carry on with ", " Produce "},
		{"at most 10", "up to 10", "no more than 10", "not over 10", "a maximum of 10", "10 or fewer"},
		{
			" more numbers of up to 3 digits each. ", " further numbers, each with at most 3 digits. ", " new numbers (3 digits or fewer each). ",
			" additional numbers, none longer than 3 digits. ", " further values from 0 to 999. ", " more values of no more than 3 digits. ",
		},
		formats,
		{
			" Numbers only.", " Write nothing else.", " No words, please.", " Do not explain.", " Leave out any comment.", " Reply with the numbers alone.",
			" I need just the numbers.", " Skip all text around them.", " Say nothing besides the numbers.", " No introduction and no explanation.",
			" Your whole answer must be the numbers.", " Nothing but numbers.",
		},
	}
}
