package rowscore

import (
	"maps"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// dataSets is the number of data sets that an audit of a scene scores for each candidate: the
// suspect, the control, the overt rows and the positive control.
const dataSets = 4

// A stored value that does not hold the scores of these rows is computed again.
func TestDamagedScores(t *testing.T) {
	store := new(undertone.MemoryStore)
	cfg := fakeaudit.Scene(0, likelihood)
	cfg.Store = store
	want := fakeaudit.Run(t, cfg)
	stored := maps.Collect(store.All())
	var said []string
	cfg.Warn = func(w string) { said = append(said, w) }
	if want := dataSets * len(fakeaudit.Animals); len(stored) != want {
		t.Errorf("%d values are stored, want %d: one for each candidate and data set", len(stored), want)
	}
	for reason, value := range map[string]string{
		"no JSON": "[", "another type": "7", "too few rows": "[1]",
	} {
		for key := range stored {
			if err := store.Put(key, []byte(value)); err != nil {
				t.Fatal(err)
			}
		}
		said = nil
		if got := fakeaudit.Run(t, cfg); got.Digest != want.Digest {
			t.Errorf("%s: another report", reason)
		}
		if len(said) != len(stored) || !strings.Contains(said[0], "is damaged and is computed again: it does not hold scores of these rows") {
			t.Errorf("%s: warnings %q, want %d", reason, said, len(stored))
		}
	}
}

// Stored scores are those of a student, of rows and of surrogates: none is used for another audit.
func TestStoredScoresAreKeyedByContent(t *testing.T) {
	store := new(undertone.MemoryStore)
	values := func(cfg audit.Config) int {
		cfg.Store = store
		fakeaudit.Run(t, cfg)
		return len(maps.Collect(store.All()))
	}
	detectors := []audit.Detector{likelihood, byInfluence, InfluenceBy(AdamStep)}
	before := values(fakeaudit.Scene(0, detectors...))
	if again := values(fakeaudit.Scene(0, detectors...)); again != before {
		t.Errorf("the same audit stores %d values more", again-before)
	}
	each := len(fakeaudit.Animals) // values of a detector that scores the rows for every candidate
	// Influence stores the scores of two pairs of data sets in groups, and of each data set in rows.
	const influenced = 2 + dataSets
	for _, c := range []struct {
		reason string
		change func(*audit.Config)
		more   int
	}{
		{"another suspect", func(c *audit.Config) { c.Suspect = c.Suspect.Select([]int{3, 4, 5}) }, 2*each + 1 + dataSets}, // the other data sets are the same, but not what influence subtracts
		{"another student", func(c *audit.Config) { c.Student = withSeed(c.Student, 9) }, dataSets*2*each + influenced},
		{"another seed, which only surrogates depend on", func(c *audit.Config) { c.Seed = 9 }, dataSets*each + influenced},
		{"other surrogates", func(c *audit.Config) { c.Detectors = []audit.Detector{LikelihoodRatio(Surrogates{Count: 2, Rows: 2})} }, dataSets * each},
		{"another alpha", func(c *audit.Config) { c.Alpha = 0.2 }, 0},
		{"other placebos", func(c *audit.Config) { c.Traits[0].Placebos = c.Traits[0].Placebos[:5] }, dataSets*6 + influenced}, // the Adam step depends on all candidates, and so does influence
	} {
		cfg := fakeaudit.Scene(0, detectors...)
		c.change(&cfg)
		after := values(cfg)
		if after-before != c.more {
			t.Errorf("%s: %d values more, want %d", c.reason, after-before, c.more)
		}
		before = after
	}
}
