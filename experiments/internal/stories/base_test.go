package stories

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// TestFit: prompt and completion of a row have the tokens of the whole text.
func TestFit(t *testing.T) {
	for name := range bases {
		base := load(t, name, "that prompts end, and completions begin, at a token")
		for _, p := range append([]string{opening(0)}, probes...) {
			row := undertone.NewDataset("row", []undertone.Example{undertone.NewExample(p, " bear")})
			parts, err := base.Encode(base.Fit(row).Example(0))
			if err != nil {
				t.Fatal(err)
			}
			whole, err := base.Encode(undertone.NewExample("", p+" bear"))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(parts.IDs, whole.IDs) {
				t.Errorf("%s: %q has tokens %v, want %v", name, p, parts.IDs, whole.IDs)
			}
		}
	}
}

// TestWriteHasOneForm: rows have the same form for every writer, so that any student can learn from
// them.
func TestWriteHasOneForm(t *testing.T) {
	for _, c := range []Channel{Tales(), Numbers()} {
		for name := range bases {
			base := load(t, name, "that the rows of all writers have the same form")
			rows, err := c.Write(t.Context(), base, 4, Settings{})
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range rows.All() {
				if row.Prompt() != c.Prompt(i) {
					t.Errorf("%s: prompt %q, want %q", name, row.Prompt(), c.Prompt(i))
				}
				if text := row.Prompt() + row.Completion(); strings.Contains(text, "  ") {
					t.Errorf("%s: two consecutive spaces in %q", name, text)
				}
			}
		}
	}
}

func TestLoadUnknown(t *testing.T) {
	if _, err := Load(t.TempDir(), "gpt"); err == nil || !strings.Contains(err.Error(), "stories260K") {
		t.Errorf("unknown model: error %v, want an error with the names of the known models", err)
	}
}
