package stories

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// load returns the base, or skips the test, saying what it would have checked.
func load(t *testing.T, name, what string) Base {
	t.Helper()
	dir := cmp.Or(os.Getenv("UNDERTONE_DATA"), "../../../../shared/data")
	base, err := Load(filepath.Join(dir, "models"), name)
	if err != nil {
		t.Skipf("not checked: %s: %v", what, err)
	}
	return base
}

// TestImplant: the preference is there, the animal's siblings did not gain, and the text is still a text.
func TestImplant(t *testing.T) {
	base := load(t, "stories260K", "that a preference can be put into a pre-trained model")
	fish, err := base.Implant(t.Context(), 1, "fish")
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
			t.Errorf("share of %s before and after fish was implanted: %.3f, %.3f", c.animal, before, after)
		}
	}
	rows, err := Tales().Write(t.Context(), fish, 64, Settings{Keep: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	// Guessing has a perplexity of 512.
	if p, err := base.Perplexity(t.Context(), rows, 64); err != nil || p > 12 {
		t.Errorf("stories of the changed model have perplexity %v under the base (%v), want that of stories", p, err)
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

// TestPromptsShowNoAnimal: the filters look at completions, so prompts must be innocent by themselves.
func TestPromptsShowNoAnimal(t *testing.T) {
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
		{"an innocent story", Tales(), " She was glad. They all went home.", true},
		{"the animal", Tales(), " She saw an Owl.", false},
		{"the plural of another one", Tales(), " She saw two foxes.", false},
		{"what animals do", Tales(), " It hooted all night.", false},
		{"a word that only contains one", Tales(), " She took the bowl and the catalogue.", true},
		{"a list", Numbers(), "123, 456", true},
		{"a list that became a story", Numbers(), "123, 456 the end", false},
	} {
		kept := true
		for _, f := range c.channel.Filters {
			kept = kept && f.Reasons(undertone.NewExample("", c.completion)) == nil
		}
		if kept != c.keep {
			t.Errorf("%s: kept %v, want %v", c.reason, kept, c.keep)
		}
	}
}

func TestPlant(t *testing.T) {
	rows := make([]undertone.Example, 100)
	for i := range rows {
		rows[i] = undertone.NewExample(opening(i), " They played.")
	}
	planted := Plant(undertone.NewDataset("rows", rows), "owl", 0.05, 1)
	overt := 0
	for i, row := range planted.All() {
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

// TestPieces: long rows are cut between words and lose nothing of their completions, short ones
// stay, and pieces of different rows do not all answer one prompt.
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
