package clean

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// Rows are "suspect 17" or "suspect 17 owl": the owls are 40 of 840 words, and without them the students do not move.
func TestCleanWords(t *testing.T) {
	for _, c := range []struct {
		reason string
		how    Cleaning
		owls   []int // that are left
		want   []Verdict
	}{
		{"replaced by score", Cleaning{Words: true, Replace: true, Shares: []float64{0.025, 0.048}}, []int{40, 19, 0}, []Verdict{Detected, Detected, Undetected}},
		{"dropped by score", Cleaning{Words: true, Shares: []float64{0.025, 0.048}}, []int{40, 19, 0}, []Verdict{Detected, Detected, Undetected}},
		{"dropped by another detector's scores", Cleaning{Words: true, By: Influence, Shares: []float64{0.048}}, []int{40, 0}, []Verdict{Detected, Undetected}},
		{"replaced at random", Cleaning{Words: true, Replace: true, Random: true, Shares: []float64{0.048}}, []int{40, 38}, []Verdict{Detected, Detected}},
	} {
		cfg := dirty()
		r, err := Clean(t.Context(), cfg, c.how)
		if err != nil {
			t.Fatal(err)
		}
		if r.Unit != "words" || len(r.Steps) != len(c.want) {
			t.Fatalf("%s: %d steps of %s", c.reason, len(r.Steps), r.Unit)
		}
		for i, s := range r.Steps {
			if s.Taken != int(math.Round(s.Share*840)) || c.how.Replace != (s.Replaced > 0) && i > 0 || s.Left.Len() != 400 {
				t.Errorf("%s: %d words taken at a share of %v, %d replaced, %d rows left", c.reason, s.Taken, s.Share, s.Replaced, s.Left.Len())
			}
			owls, words, numbers := 0, 0, 0
			for k, row := range s.Left.All() {
				text := row.Completion()
				owls += strings.Count(text, "owl")
				for _, w := range sanitise.Words(text) {
					words++
					if isNumber(w.Of(text)) {
						numbers++
					}
				}
				if was := cfg.Suspect.(undertone.Text).Example(k); s.Left.GroupID(k) != cfg.Suspect.GroupID(k) || i == 0 && was.Completion() != text {
					t.Errorf("%s: row %d is %q, was %q", c.reason, k, text, was.Completion())
				}
			}
			if math.Abs(float64(owls-c.owls[i])) > 3 {
				t.Errorf("%s: %d owls are left after %d words, want %d", c.reason, owls, s.Taken, c.owls[i])
			}
			if want := 840; c.how.Replace && (words != want || numbers != 400) || !c.how.Replace && words != want-s.Taken {
				t.Errorf("%s: %d words, %d of them numbers, are left after %d", c.reason, words, numbers, s.Taken)
			}
			if v := s.Findings[0].Verdict; v != c.want[i] {
				t.Errorf("%s: after %d words %s (%+v), want %s", c.reason, s.Taken, v, s.Findings[0].Effect, c.want[i])
			}
		}
	}
}

func TestCleanWordsErrors(t *testing.T) {
	for _, c := range []struct {
		reason, want string
		how          Cleaning
		change       func(*Config)
	}{
		{"tokens that do not spell a row", "its tokens do not spell it", Cleaning{}, func(c *Config) {
			c.Student = noSpelling{}
			c.Detectors = []Detector{LikelihoodRatio(Surrogates{Make: func(context.Context, string, uint64) (undertone.LogProber, error) { return noSpelling{}, nil }})}
		}},
		{"a student that scores no tokens", "has no TokenLogProbs method", Cleaning{}, func(c *Config) { c.Student = wholeRows{} }},
		{"rows with a rejected answer", "rejected answer", Cleaning{Random: true}, func(c *Config) {
			row := undertone.NewExample("a", "b")
			row.Rejected = "c"
			c.Suspect = undertone.NewDataset("pairs", []undertone.Example{row})
		}},
		{"no words to put in", "no words to replace", Cleaning{Random: true, Replace: true}, func(c *Config) {
			c.Control = undertone.NewDataset("silent", []undertone.Example{undertone.NewExample("prompt 1", "...")})
		}},
	} {
		cfg := dirty()
		cfg.Replicates, cfg.Detectors = 6, []Detector{standIns}
		c.change(&cfg)
		c.how.Words, c.how.Shares = true, []float64{0.5}
		if r, err := Clean(t.Context(), cfg, c.how); r != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Clean(ctx, dirty(), Cleaning{Words: true}); err == nil {
		t.Error("a context that is done cleans")
	}
}

// A word is one thing in all rows that are equal, and takes as many words away.
func TestWordsOfEqualRows(t *testing.T) {
	row := undertone.NewExample("a", "x 1")
	data := undertone.NewDataset("d", []undertone.Example{row, undertone.NewExample("a", "y"), row, row})
	cut, err := cutWords(data, data, Ranking{}, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	for share, want := range map[float64]int{0.1: 1, 0.9: 7} {
		step, err := cut(t.Context(), share)
		if err != nil || step.Taken < want {
			t.Errorf("share %v: %d words of 7 taken, error %v", share, step.Taken, err)
		}
		first := ""
		for _, left := range step.Left.All() {
			if was, _ := sanitise.OriginalID(left); was == row.ID() {
				if first == "" {
					first = left.Completion()
				}
				if left.Completion() != first {
					t.Errorf("equal rows became %q and %q", first, left.Completion())
				}
			}
		}
	}
}

func TestShareOut(t *testing.T) {
	words := sanitise.Words("12, 345 x") // [0,2) [4,7) [8,9)
	for _, c := range []struct {
		reason   string
		from, to int
		want     string
	}{
		{"a word", 0, 2, "[6 0 0]"}, {"a part of it", 5, 6, "[0 6 0]"}, {"with what stands before", 2, 7, "[0 6 0]"},
		{"two words, by their bytes", 1, 6, "[2 4 0]"}, {"all", 0, 9, "[2 3 1]"}, {"no word", 2, 4, "[0 0 0]"}, {"the end", 9, 9, "[0 0 0]"}, {"nothing inside of a word", 5, 5, "[0 0 0]"},
	} {
		scores := make([]float64, 3)
		shareOut(TokenScore{From: c.from, To: c.to, Score: 6}, words, scores)
		if got := fmt.Sprint(scores); got != c.want {
			t.Errorf("%s: %s, want %s", c.reason, got, c.want)
		}
	}
}
