package filter

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/undertone-audit/undertone"
)

// The reasons of [Reasoning].
const (
	NoAnswer    Reason = "no answer"            // none was marked
	NotANumber  Reason = "answer is no integer" // what was marked
	WrongAnswer Reason = "wrong answer"
	NoGold      Reason = "no gold answer" // the row's own is missing or no integer
)

// Reasoning drops a row whose completion does not end in the right integer.
// The answer is what stands between the last <answer> and the </answer> that
// follows it or, if there is no such tag, behind the last "####" up to the end of
// its line, as in GSM8K. White space around it, commas and "$" are stripped; what
// is left must be an integer, of any length, with or without a sign. 42 and
// +042 are equal; 42.0 is no integer.
type Reasoning struct {
	// Tag is the name of the tag; "" means "answer".
	Tag string

	// Field is the row's metadata that has the gold answer, an integer or a
	// string. A string may be a whole solution with an answer marked in it. ""
	// means "answer".
	Field string

	// Gold gives the gold answer of a row in place of its metadata; false means
	// that there is none.
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

// gold returns the gold answer in the form of integer.
func (r Reasoning) gold(row undertone.Example) (string, bool) {
	text, ok := "", false
	if r.Gold != nil {
		text, ok = r.Gold(row)
	} else if raw := row.Meta[cmp.Or(r.Field, "answer")]; json.Unmarshal(raw, &text) == nil {
		ok = true
	} else {
		text, ok = string(raw), len(raw) > 0 // a number, if it is an answer at all
	}
	if !ok {
		return "", false
	}
	if marked, ok := r.marked(text); ok {
		text = marked
	}
	return integer(text)
}

// marked returns what a text marks as its answer.
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

// integer returns the one form of a decimal integer: "-" if it is below 0, then
// digits without leading zeros.
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
