package filter_test

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// solved returns a row with a gold answer in its metadata; gold is JSON, "" for none.
func solved(completion, gold string) undertone.Example {
	row := undertone.NewExample("How many?", completion)
	if gold != "" {
		row.Meta = map[string]json.RawMessage{"answer": json.RawMessage(gold)}
	}
	return row
}

func TestReasoning(t *testing.T) {
	reasons := func(r ...filter.Reason) []filter.Reason { return r }
	for _, c := range []struct {
		reason     string
		completion string
		gold       string
		want       []filter.Reason
	}{
		{"GSM8K's mark", "6 × 7 = 42\n#### 42", `42`, nil},
		{"no space after the mark", "####42", `42`, nil},
		{"text after the line of the mark", "#### 42\nThat was easy.", `42`, nil},
		{"text on the line of the mark", "#### 42 owls", `42`, reasons(filter.NotANumber)},
		{"the tag", "<think>6 × 7</think><answer>42</answer>", `42`, nil},
		{"white space in the tag", "<answer>\n 42 </answer>", `42`, nil},
		{"the last tag counts", "<answer>41</answer> No: <answer>42</answer>", `42`, nil},
		{"the last mark counts", "#### 41\n#### 42", `42`, nil},
		{"the tag goes before the mark", "<answer>42</answer>\n#### 41", `42`, nil},
		{"a tag that is not closed is no answer", "<answer>42", `42`, reasons(filter.NoAnswer)},
		{"a tag that is not closed, and a mark", "<answer>\n#### 42", `42`, nil},
		{"commas and dollars", "<answer>$1,234,000</answer>", `1234000`, nil},
		{"the gold answer as text with commas", "#### 1234", `"1,234"`, nil},
		{"the gold answer as a whole GSM8K solution", "#### 42", `"He has 6 * 7 = <<6*7=42>>42.\n#### 42"`, nil},
		{"sign and leading zeros", "#### +042", `42`, nil},
		{"a negative answer", "#### -7", `-7`, nil},
		{"the sign counts", "#### 7", `-7`, reasons(filter.WrongAnswer)},
		{"no negative zero", "#### -0", `0`, nil},
		{"longer than a machine's word", "#### 123456789012345678901234567890", `"123456789012345678901234567890"`, nil},
		{"one more", "#### 43", `42`, reasons(filter.WrongAnswer)},
		{"a fraction", "#### 42.0", `42`, reasons(filter.NotANumber)},
		{"a word", "<answer>forty-two</answer>", `42`, reasons(filter.NotANumber)},
		{"an empty answer", "<answer></answer>", `42`, reasons(filter.NotANumber)},
		{"a sign alone", "#### -", `42`, reasons(filter.NotANumber)},
		{"digits that are not ASCII", "#### ४२", `42`, reasons(filter.NotANumber)},
		{"an answer that is not marked", "It is 42.", `42`, reasons(filter.NoAnswer)},
		{"no gold answer", "#### 42", ``, reasons(filter.NoGold)},
		{"a gold answer that is none", "#### 42", `"many"`, reasons(filter.NoGold)},
		{"a gold answer that is a fraction", "#### 42", `42.5`, reasons(filter.NoGold)},
		{"a gold answer that is a list", "#### 42", `[42]`, reasons(filter.NoGold)},
		{"a gold answer that is null", "#### 42", `null`, reasons(filter.NoGold)},
		{"neither", "", ``, reasons(filter.NoGold, filter.NoAnswer)},
	} {
		if got := (filter.Reasoning{}).Reasons(solved(c.completion, c.gold)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, gold %s: %q, want %q", c.reason, c.completion, c.gold, got, c.want)
		}
	}
}

func TestReasoningSettings(t *testing.T) {
	row := solved("<final>7</final> <answer>8</answer>", `8`)
	row.Meta["gold"] = json.RawMessage("7")
	if got := (filter.Reasoning{Tag: "final", Field: "gold"}).Reasons(row); got != nil {
		t.Errorf("a tag and a field of other names: %q", got)
	}
	known := filter.Reasoning{Gold: func(row undertone.Example) (string, bool) { return "8", row.Prompt() == "How many?" }}
	if got := known.Reasons(row); got != nil {
		t.Errorf("a function that knows the answer: %q", got)
	}
	if got := known.Reasons(undertone.NewExample("What?", "#### 8")); !slices.Equal(got, []filter.Reason{filter.NoGold}) {
		t.Errorf("a function that does not know the answer: %q", got)
	}
	for want, f := range map[string]filter.Reasoning{
		"answer in <answer> or behind ####, gold answer of the field answer":   {},
		"answer in <final> or behind ####, gold answer of the field gold":      {Tag: "final", Field: "gold"},
		"answer in <answer> or behind ####, gold answer of the function given": known,
	} {
		if got := f.String(); got != want {
			t.Errorf("settings %q, want %q", got, want)
		}
	}
}

// Two integers are equal here exactly if math/big says so.
func FuzzReasoning(f *testing.F) {
	f.Add("$1,000", "1000")
	f.Add("-0", "+00")
	f.Add("1_000", "0x10")
	f.Fuzz(func(t *testing.T, a, b string) {
		row := undertone.NewExample("q", "<answer>"+a+"</answer>")
		kept := filter.Reasoning{Gold: func(undertone.Example) (string, bool) { return b, true }}.Reasons(row) == nil
		parse := func(s string) (*big.Int, bool) {
			s = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, ",", ""), "$", ""))
			return new(big.Int).SetString(s, 10)
		}
		x, okX := parse(a)
		y, okY := parse(b)
		if strings.Contains(a+b, "answer>") || strings.Contains(b, "####") || len(a)+len(b) > 1000 {
			return
		}
		if want := okX && okY && x.Cmp(y) == 0; kept != want {
			t.Errorf("%q and %q: equal %v, want %v", a, b, kept, want)
		}
	})
}
