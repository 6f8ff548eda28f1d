package sanitise_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// words returns the text without the number that upper puts behind it.
func words(text string) string {
	i := strings.LastIndex(text, " ")
	return text[:max(i, 0)]
}

func TestParaphraseCompletions(t *testing.T) {
	got, stats, err := sanitise.Apply(t.Context(), rowsOf("one", "silent", "endless", "two"), 1, sanitise.Paraphrase{Model: upper{}, Of: filter.Completions})
	if err != nil {
		t.Fatal(err)
	}
	if got.Len() != 2 || words(got.Example(0).Completion()) != "ONE" || words(got.Example(1).Completion()) != "TWO" || stats[0].Dropped != 2 {
		t.Errorf("%q, %+v, want ONE and TWO, and what has no paraphrase dropped", completions(got), stats)
	}
	if p := got.Example(1).Prompt(); p != "question 3" {
		t.Errorf("prompt %q was touched", p)
	}
}

func TestParaphrasePrompts(t *testing.T) {
	chat := undertone.Example{Messages: []undertone.Message{{Role: "system", Content: "be kind"}, {Role: "user", Content: "why?"}, {Role: "assistant", Content: "so"}}}
	data := undertone.NewDataset("d", []undertone.Example{undertone.NewExample("why?", "1"), undertone.NewExample("why?", "2"), undertone.NewExample("", "bare"), chat})
	got := apply(t, data, 1, sanitise.Paraphrase{Model: upper{}, Of: filter.Prompts})
	if p := got.Example(0).Prompt(); words(p) != "WHY?" || p != got.Example(1).Prompt() {
		t.Errorf("one prompt became %q and %q", p, got.Example(1).Prompt())
	}
	if got.RowID(2) != data.RowID(2) {
		t.Error("a row without a prompt was changed")
	}
	if m := got.Example(3).Messages; m[0].Content != "be kind" || words(m[1].Content) != "WHY?" || m[2].Content != "so" {
		t.Errorf("of a conversation %+v is left", m)
	}
}

type nameless struct{ m undertone.Model }

func (n nameless) Name() string { return "nameless" }

func (n nameless) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	return n.m.Generate(ctx, r)
}

func TestParaphraseWarns(t *testing.T) {
	suspect := upper{"base"}.Lineage()
	for _, c := range []struct {
		reason string
		p      sanitise.Paraphrase
		want   string
	}{
		{"the same base", sanitise.Paraphrase{Model: upper{"base"}, Of: filter.Completions, Suspect: suspect}, "can write the trait back"},
		{"another base", sanitise.Paraphrase{Model: upper{"other"}, Of: filter.Completions, Suspect: suspect}, ""},
		{"the suspect's base is not known", sanitise.Paraphrase{Model: upper{"base"}, Of: filter.Completions}, "is unknown"},
		{"the paraphraser's base is not known", sanitise.Paraphrase{Model: nameless{upper{}}, Of: filter.Completions, Suspect: suspect}, "is unknown"},
		{"prompts alone", sanitise.Paraphrase{Model: upper{"base"}, Of: filter.Prompts, Suspect: suspect}, ""},
	} {
		got, stats, err := sanitise.Apply(t.Context(), rowsOf("1"), 1, c.p)
		if err != nil {
			t.Fatal(c.reason, err)
		}
		warned := slices.ContainsFunc(stats[0].Warnings, func(w string) bool { return strings.Contains(w, c.want) })
		if warned != (c.want != "") || strings.Contains(got.History()[0].Settings, "warning: ") != warned {
			t.Errorf("%s: warnings %q, settings %q, want %q", c.reason, stats[0].Warnings, got.History()[0].Settings, c.want)
		}
	}
}
