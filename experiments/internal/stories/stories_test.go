package stories

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// load returns the base, or skips the test with a message about what was not checked.
func load(t *testing.T, name, what string) Base {
	t.Helper()
	base, err := Load(filepath.Join(os.Getenv("UNDERTONE_DATA"), "models"), name)
	if err != nil {
		t.Skipf("not checked: %s: %v", what, err)
	}
	return base
}

// TestFineTuneTeacher: the teacher prefers its animal and no placebo, and its stories remain
// stories.
func TestFineTuneTeacher(t *testing.T) {
	base := load(t, "stories260K", "that a pre-trained model can be fine-tuned to prefer an animal")
	fish, err := base.FineTuneTeacher(t.Context(), 1, "fish")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		animal string
		gains  bool
	}{{"fish", true}, {"owl", false}, {"lion", false}} {
		before, err := base.Share(t.Context(), c.animal)
		if err != nil {
			t.Fatal(err)
		}
		after, err := fish.Share(t.Context(), c.animal)
		if err != nil {
			t.Fatal(err)
		}
		if c.gains != (after > 2*before) {
			t.Errorf("share of %s before and after fine-tuning on fish: %.3f, %.3f", c.animal, before, after)
		}
	}
	rows, err := Tales().Write(t.Context(), fish, 64, Settings{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	// A uniform distribution has a perplexity of 512.
	if p, err := base.Perplexity(t.Context(), rows, 64); err != nil || p > 12 {
		t.Errorf("the stories of the teacher have perplexity %v under the base (error %v), want at most 12", p, err)
	}
}

func TestOpeningsDiffer(t *testing.T) {
	const n = 29_716
	seen := map[string]bool{}
	for i := range n {
		seen[opening(i)] = true
	}
	if len(seen) != n {
		t.Errorf("%d openings are different, want %d", len(seen), n)
	}
}

// TestPromptsNameNoAnimal: the filters see completions only, so the prompts must name no animal.
func TestPromptsNameNoAnimal(t *testing.T) {
	words := filter.Words(animalWords()...).Whole()
	for i := range 19 * 17 * 23 {
		if reasons := words.Reasons(undertone.NewExample("", opening(i))); reasons != nil {
			t.Fatalf("opening %d: %v: %s", i, reasons, opening(i))
		}
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		reason     string
		channel    Channel
		completion string
		keep       bool
	}{
		{"a story without animals", Tales(), " She was glad. They all went home.", true},
		{"the animal", Tales(), " She saw an Owl.", false},
		{"the plural of another animal", Tales(), " She saw two foxes.", false},
		{"a sound of an animal", Tales(), " It hooted all night.", false},
		{"words that contain the name of an animal", Tales(), " She took the bowl and the catalogue.", true},
		{"a list", Numbers(), "123, 456", true},
		{"a list that continues as a story", Numbers(), "123, 456 the end", false},
	} {
		kept := true
		for _, f := range c.channel.Filters {
			kept = kept && f.Reasons(undertone.NewExample("", c.completion)) == nil
		}
		if kept != c.keep {
			t.Errorf("%s: kept is %v, want %v", c.reason, kept, c.keep)
		}
	}
}

func TestWithOvert(t *testing.T) {
	rows := make([]undertone.Example, 100)
	for i := range rows {
		rows[i] = undertone.NewExample(opening(i), " They played.")
	}
	mixed := WithOvert(undertone.NewDataset("rows", rows), "owl", 0.05, 1)
	overt := 0
	for i, row := range mixed.All() {
		if strings.Contains(row.Completion(), "owl") {
			overt++
		} else if row.ID() != rows[i].ID() {
			t.Errorf("row %d changed", i)
		}
	}
	if overt != 5 {
		t.Errorf("%d of 100 rows are overt, want 5", overt)
	}
}

// TestPieces: long rows are cut between words, the pieces hold the whole completion, short rows are
// not changed, and pieces have different prompts.
func TestPieces(t *testing.T) {
	rows := []undertone.Example{
		undertone.NewExample("1, ", "2, 3"), undertone.NewExample("a prompt of several words", strings.Repeat(" word and", 40)),
		undertone.NewExample("", strings.Repeat("x", 90)),
	}
	var got, want strings.Builder
	prompts := map[string]bool{}
	for i, row := range Pieces(undertone.NewDataset("rows", rows), 50).All() {
		if n := len(row.Prompt()) + len(row.Completion()); n > 50 {
			t.Errorf("piece %d has %d bytes", i, n)
		}
		got.WriteString(row.Completion())
		prompts[row.Prompt()] = true
	}
	for _, row := range rows {
		want.WriteString(row.Completion())
	}
	if got.String() != want.String() {
		t.Errorf("got  %q\nwant %q", got.String(), want.String())
	}
	if !prompts["prompt of several words"] || len(prompts) < 4 {
		t.Errorf("prompts %v", prompts)
	}
}
