package filter

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/undertone-audit/undertone"
)

// The reasons of [Reasoning].
const (
	NoAnswer    Reason = "no answer"            // the completion marks no answer
	NotANumber  Reason = "answer is no integer" // the marked answer is no integer
	WrongAnswer Reason = "wrong answer"
	NoGold      Reason = "no gold answer" // the gold answer is missing or no integer
)

// Reasoning drops a row whose completion does not mark the right integer as its answer. The answer
// is the text between the last <answer> and the next </answer>. Without such a tag it is the text
// after the last "####", up to the end of the line, as in GSM8K. Commas, "$" and white space around
// the answer are removed. The rest must be an integer of any length, with or without a sign: 42 and
// +042 are equal, and 42.0 is no integer.
type Reasoning struct {
	// Tag is the name of the tag (default "answer").
	Tag string

	// Field is the metadata field of the gold answer, an integer or a string (default "answer"). A
	// string may be a solution that marks its answer.
	Field string

	// Gold returns the gold answer of a row, or false if there is none. If it is set, Field is not
	// used.
	Gold func(row undertone.Example) (string, bool)
}

// Name implements [Filter].
func (r Reasoning) Name() string { return "reasoning" }

// String states the settings.
func (r Reasoning) String() string {
	gold := "the function given"
	if r.Gold == nil {
		gold = "the field " + cmp.Or(r.Field, "answer")
	}
	return "answer in <" + r.tag() + "> or behind ####, gold answer of " + gold
}

func (r Reasoning) tag() string { return cmp.Or(r.Tag, "answer") }

// Reasons implements [Filter].
func (r Reasoning) Reasons(row undertone.Example) []Reason {
	var reasons []Reason
	gold, known := r.gold(row)
	if !known {
		reasons = append(reasons, NoGold)
	}
	marked, ok := r.marked(row.Completion())
	if !ok {
		return append(reasons, NoAnswer)
	}
	answer, ok := integer(marked)
	switch {
	case !ok:
		reasons = append(reasons, NotANumber)
	case known && answer != gold:
		reasons = append(reasons, WrongAnswer)
	}
	return reasons
}

// gold returns the gold answer in the form that integer returns.
func (r Reasoning) gold(row undertone.Example) (string, bool) {
	text, ok := "", false
	if r.Gold != nil {
		text, ok = r.Gold(row)
	} else if raw := row.Meta[cmp.Or(r.Field, "answer")]; json.Unmarshal(raw, &text) == nil {
		ok = true
	} else {
		text, ok = string(raw), len(raw) > 0 // a number, or no answer
	}
	if !ok {
		return "", false
	}
	if marked, ok := r.marked(text); ok {
		text = marked
	}
	return integer(text)
}

// marked returns the answer that a text marks.
func (r Reasoning) marked(text string) (string, bool) {
	open, end := "<"+r.tag()+">", "</"+r.tag()+">"
	if i := strings.LastIndex(text, open); i >= 0 {
		if answer, _, closed := strings.Cut(text[i+len(open):], end); closed {
			return answer, true
		}
	}
	const mark = "####"
	if i := strings.LastIndex(text, mark); i >= 0 {
		answer, _, _ := strings.Cut(text[i+len(mark):], "\n")
		return answer, true
	}
	return "", false
}

// integer returns the canonical form of a decimal integer: "-" if it is negative, then its digits
// without leading zeros.
func integer(text string) (string, bool) {
	text = strings.TrimSpace(strings.NewReplacer(",", "", "$", "").Replace(text))
	digits, negative := strings.CutPrefix(text, "-")
	if !negative {
		digits = strings.TrimPrefix(text, "+")
	}
	if digits == "" || leadingDigits(digits) < len(digits) {
		return "", false
	}
	digits = strings.TrimLeft(digits, "0")
	switch {
	case digits == "":
		return "0", true
	case negative:
		return "-" + digits, true
	}
	return digits, true
}
