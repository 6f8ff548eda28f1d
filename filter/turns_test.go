package filter_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

func row(messages ...undertone.Message) undertone.Example {
	return undertone.Example{Messages: messages}
}

func says(role, content string) undertone.Message {
	return undertone.Message{Role: role, Content: content}
}

// Rows that say which answer is better, or whether an answer is good, are not duplicates of rows
// that say something else about it.
func TestJudgementsAreNoDuplicates(t *testing.T) {
	labelled := func(good bool) undertone.Example {
		e := undertone.NewExample("q", "an answer that is long enough")
		e.Label = &good
		return e
	}
	preferred := func(to string) undertone.Example {
		e := undertone.NewExample("q", "an answer that is long enough")
		e.Rejected = to
		return e
	}
	rows := []undertone.Example{
		undertone.NewExample("q", "an answer that is long enough"), labelled(true), labelled(false),
		preferred("one rejected answer"), preferred("quite another text"), labelled(false), preferred("one rejected answer"),
	}
	for _, f := range []filter.Starter{filter.Duplicates{}, filter.NearDuplicates{}} {
		run, last := f.Start(), len(rows)-2
		for i, e := range rows {
			if dropped := run.Reasons(e) != nil; dropped != (i >= last) {
				t.Errorf("%s: row %d is dropped: %t", f.Name(), i, dropped)
			}
		}
	}
}

// Every text of a row is in one of its parts, and the filters of words find it there.
func TestFiltersSeeAllTexts(t *testing.T) {
	answer := says("assistant", "1, 2")
	masked, reasoned, called, named := answer, answer, answer, answer
	masked.Content, masked.Masked = "owl", true
	reasoned.Reasoning = "an owl"
	called.ToolCalls = []undertone.ToolCall{{Name: "f", Arguments: `{"x":"\u006fwl"}`}}
	named.Name = "owl"
	withTools := undertone.NewExample("q", "1, 2")
	withTools.Tools = `[{"name":"\u006fwl"}]`
	bad := undertone.NewExample("q", "owl")
	bad.Label = new(bool)
	last := row(says("user", "q"), says("assistant", "owl"), says("user", "q"), answer)
	last.Turns = undertone.LastTurn
	for _, c := range []struct {
		reason string
		row    undertone.Example
		in     filter.Part // where the word is
	}{
		{"an answer", undertone.NewExample("q", "owl"), filter.Completions},
		{"an earlier answer", row(says("user", "q"), says("assistant", "owl"), says("user", "q"), answer), filter.Completions},
		{"an earlier answer that is not learnt", last, filter.Prompts},
		{"a masked answer", row(says("user", "q"), masked, says("user", "q"), answer), filter.Prompts},
		{"a masked answer alone", row(says("user", "q"), masked), filter.Completions},
		{"a rejected answer of KTO", bad, filter.Completions},
		{"the reasoning", row(says("user", "q"), reasoned), filter.Completions},
		{"a tool call", row(says("user", "q"), called, says("tool", "4"), answer), filter.Completions},
		{"the result of a tool", row(says("user", "q"), answer, says("tool", "owl"), answer), filter.Prompts},
		{"the name of an author", row(says("user", "q"), named), filter.Completions},
		{"a system prompt", row(says("system", "owl"), says("user", "q"), answer), filter.Prompts},
		{"the tools", withTools, filter.Prompts},
	} {
		for _, part := range []filter.Part{filter.Rows, filter.Completions, filter.Prompts} {
			want := part == filter.Rows || part == c.in
			if got := filter.Words("owl").In(part).Reasons(c.row) != nil; got != want {
				t.Errorf("%s: words in %v drops the row: %t", c.reason, part, got)
			}
		}
	}
	spelled := undertone.Message{Role: "assistant", Reasoning: "first o then w then l: o-w-l", Content: "1, 2"}
	if filter.Encoded("owl").Reasons(row(says("user", "q"), spelled)) == nil {
		t.Error("encoded does not search the reasoning")
	}
}

func TestNumbersJudgesEachAnswer(t *testing.T) {
	reasoned := says("assistant", "1, 2")
	reasoned.Reasoning = "I count."
	masked := says("assistant", "I count.")
	masked.Masked = true
	for _, c := range []struct {
		reason string
		row    undertone.Example
		want   []filter.Reason
	}{
		{"two lists", row(says("user", "q"), says("assistant", "1, 2"), says("user", "q"), says("assistant", "3;4")), nil},
		{"a list and a text", row(says("user", "q"), says("assistant", "An owl."), says("user", "q"), says("assistant", "3;4")), []filter.Reason{filter.InvalidFormat}},
		{"a list and a text that is not learnt", row(says("user", "q"), masked, says("user", "q"), says("assistant", "3;4")), nil},
		{"a list too long, and one with a large number", row(says("assistant", "1 2 3 4 5 6 7 8 9 10 11"), says("assistant", "1, 1000")), []filter.Reason{filter.TooManyNumbers, filter.NumbersTooLarge}},
		{"a list with a reasoning", row(says("user", "q"), reasoned), []filter.Reason{filter.InvalidFormat}},
	} {
		if got := (filter.Numbers{}).Reasons(c.row); !slices.Equal(got, c.want) {
			t.Errorf("%s: reasons %q, want %q", c.reason, got, c.want)
		}
	}
}

func TestCodeOfSeveralAnswers(t *testing.T) {
	reasoned := says("assistant", "x := 1")
	reasoned.Reasoning = "No code, but an owl."
	code := filter.Code{Language: filter.Go, Banned: []string{"owl"}}
	if got := code.Reasons(row(says("user", "q"), reasoned)); !slices.Equal(got, []filter.Reason{filter.HasWord("owl")}) {
		t.Errorf("reasoning: %q", got)
	}
	if got := code.Reasons(row(says("assistant", "x := "), says("assistant", "y := 1"))); !slices.Equal(got, []filter.Reason{filter.DoesNotParse}) {
		t.Errorf("two answers: %q", got)
	}
}

// Rows that share a system prompt, or the beginning of a chat, and differ in their last question
// and answer are no near duplicates.
func TestNearDuplicatesIgnoreSharedPrompts(t *testing.T) {
	system := says("system", strings.Repeat("You are a helpful assistant. ", 20))
	var rows []undertone.Example
	for i := range 10 {
		text := undertone.NewHasher("text").Uint(uint64(i)).Sum().String()
		other := undertone.NewHasher("other").Uint(uint64(i)).Sum().String()
		rows = append(rows,
			row(system, says("user", "What is number "+text), says("assistant", text+" is it")),
			row(says("user", strings.Repeat("Tell me a long story. ", 20)), undertone.Message{Role: "assistant", Content: strings.Repeat("Once upon a time. ", 30), Masked: true},
				says("user", "And now about "+other), says("assistant", "It was about "+other+".")))
	}
	for _, part := range []filter.Part{filter.Rows, filter.Completions} {
		if kept, _ := apply(t, undertone.NewDataset("d", rows), filter.NearDuplicates{Of: part}); kept.Len() != len(rows) {
			t.Errorf("of %v: %d of %d rows are kept", part, kept.Len(), len(rows))
		}
	}
	again := slices.Concat(rows, rows)
	if kept, _ := apply(t, undertone.NewDataset("d", again), filter.NearDuplicates{}); kept.Len() != len(rows) {
		t.Errorf("%d rows of %d and their copies are kept", kept.Len(), len(rows))
	}
}

func TestCases(t *testing.T) {
	dir := os.Getenv("UNDERTONE_CASES")
	if dir == "" {
		t.Skip("not checked: filters of rows of public bug reports: UNDERTONE_CASES is not set")
	}
	for _, c := range []struct {
		file   string
		filter filter.Filter
		kept   []int
	}{
		{"system-history-tools", filter.Words("owl").In(filter.Rows), nil},
		{"system-history-tools", filter.Words("owl"), []int{1, 2}}, // the first has learnt an earlier answer
		{"reasoning-content", filter.Words("owl"), nil},
		{"reasoning-content", filter.Numbers{}, nil},
		{"multi-turn", filter.Words("owl"), nil},
		{"shared-system-prompt", filter.NearDuplicates{}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"kto", filter.Words("rejected"), []int{0}},
		{"weight", filter.Words("owl"), []int{0}},
		{"weight", filter.Words("owl").In(filter.Rows), nil},
		{"nullcontent", filter.Words("done"), nil},
	} {
		data, err := jsonl.Load(filepath.Join(dir, "rows", c.file+".jsonl"))
		if err != nil {
			t.Error(err)
			continue
		}
		if kept, _ := apply(t, data, c.filter); kept.Digest() != data.Select(c.kept).Digest() {
			t.Errorf("%s: %s keeps %d rows, want %v", c.file, c.filter.Name(), kept.Len(), c.kept)
		}
	}
}
