package clean

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// Rows are "suspect 17" or "suspect 17 owl". The owls are 40 of 840 words, and without them the
// students do not move.
func TestWords(t *testing.T) {
	const detected, undetected = audit.Detected, audit.Undetected
	for _, c := range []struct {
		reason   string
		settings Settings
		owls     []int // that are left
		want     []audit.Verdict
	}{
		{"replaced by score", Settings{Replace: true, Shares: []float64{0.025, 0.048}}, []int{40, 19, 0}, []audit.Verdict{detected, detected, undetected}},
		{"dropped by score", Settings{Shares: []float64{0.025, 0.048}}, []int{40, 19, 0}, []audit.Verdict{detected, detected, undetected}},
		{"dropped by the scores of another detector", Settings{By: rowscore.Influence(rowscore.Surrogates{}), Shares: []float64{0.048}}, []int{40, 0}, []audit.Verdict{detected, undetected}},
		{"replaced at random", Settings{Replace: true, Random: true, Shares: []float64{0.048}}, []int{40, 38}, []audit.Verdict{detected, detected}},
	} {
		cfg := dirty()
		c.settings.Words = true
		r, err := Run(t.Context(), cfg, c.settings)
		if err != nil {
			t.Fatal(err)
		}
		if r.Unit != "words" || len(r.Steps) != len(c.want) {
			t.Fatalf("%s: %d steps of %s", c.reason, len(r.Steps), r.Unit)
		}
		for i, s := range r.Steps {
			if s.Removed != int(math.Round(s.Share*840)) || c.settings.Replace != (s.Replaced > 0) && i > 0 || s.Remaining.Len() != 400 {
				t.Errorf("%s: %d words removed at a share of %v, %d replaced, %d rows remain", c.reason, s.Removed, s.Share, s.Replaced, s.Remaining.Len())
			}
			owls, words, numbers := 0, 0, 0
			for k, row := range s.Remaining.All() {
				text := row.Completion()
				owls += strings.Count(text, "owl")
				for _, w := range sanitise.Words(text) {
					words++
					if isNumber(w.Of(text)) {
						numbers++
					}
				}
				if was := cfg.Suspect.(undertone.Text).Example(k); s.Remaining.GroupID(k) != cfg.Suspect.GroupID(k) || i == 0 && was.Completion() != text {
					t.Errorf("%s: row %d is %q, was %q", c.reason, k, text, was.Completion())
				}
			}
			if math.Abs(float64(owls-c.owls[i])) > 3 {
				t.Errorf("%s: %d owls are left without %d words, want %d", c.reason, owls, s.Removed, c.owls[i])
			}
			if c.settings.Replace && (words != 840 || numbers != 400) || !c.settings.Replace && words != 840-s.Removed {
				t.Errorf("%s: %d words and %d numbers are left without %d", c.reason, words, numbers, s.Removed)
			}
			if v := s.Findings[0].Verdict; v != c.want[i] {
				t.Errorf("%s: without %d words %s (%+v), want %s", c.reason, s.Removed, v, s.Findings[0].Effect, c.want[i])
			}
		}
	}
}

// wholeRows is a student that scores whole rows only.
type wholeRows struct{ fake.Student }

// TokenLogProbs hides the method of the student.
func (wholeRows) TokenLogProbs() {}

// notSpelling is a student whose tokens do not spell a row.
type notSpelling struct{ fake.Student }

func (s notSpelling) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	all, err := s.Student.TokenLogProbs(ctx, rows)
	for _, row := range all {
		for j := range row {
			row[j].From, row[j].To = -1, -1
		}
	}
	return all, err
}

func TestWordErrors(t *testing.T) {
	for _, c := range []struct {
		reason, want string
		settings     Settings
		change       func(*audit.Config)
	}{
		{"tokens that do not spell a row", "its tokens do not spell its text", Settings{}, func(c *audit.Config) {
			c.Student = notSpelling{}
			c.Detectors = []audit.Detector{rowscore.LikelihoodRatio(rowscore.Surrogates{
				Make: func(context.Context, string, uint64) (undertone.LogProber, error) { return notSpelling{}, nil },
			})}
		}},
		{"a student that scores no tokens", "does not implement TokenLogProber", Settings{}, func(c *audit.Config) { c.Student = wholeRows{} }},
		{"rows with a rejected answer", "rejected answer", Settings{Random: true}, func(c *audit.Config) {
			row := undertone.NewExample("a", "b")
			row.Rejected = "c"
			c.Suspect = undertone.NewDataset("pairs", []undertone.Example{row})
		}},
		{"a control without words", "no words", Settings{Random: true, Replace: true}, func(c *audit.Config) {
			c.Control = undertone.NewDataset("silent", []undertone.Example{undertone.NewExample("prompt 1", "...")})
		}},
	} {
		cfg := dirty()
		cfg.Replicates, cfg.Detectors = 6, []audit.Detector{likelihood}
		c.change(&cfg)
		c.settings.Words, c.settings.Shares = true, []float64{0.5}
		if r, err := Run(t.Context(), cfg, c.settings); r != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}

// Equal rows lose the same words, which count once for each row.
func TestWordsOfEqualRows(t *testing.T) {
	row := undertone.NewExample("a", "x 1")
	data := undertone.NewDataset("d", []undertone.Example{row, undertone.NewExample("a", "y"), row, row})
	remove, err := removeWords(data, data, audit.Ranking{}, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	for share, want := range map[float64]int{0.1: 1, 0.9: 6} {
		step, err := remove(t.Context(), share)
		if err != nil || step.Removed < want || step.Removed > 7 {
			t.Errorf("share %v: %d words of 7 removed, error %v", share, step.Removed, err)
		}
		first := ""
		for _, left := range step.Remaining.All() {
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

func TestDivide(t *testing.T) {
	words := sanitise.Words("12, 345 x") // [0,2) [4,7) [8,9)
	for _, c := range []struct {
		reason   string
		from, to int
		want     string
	}{
		{"a word", 0, 2, "[6 0 0]"},
		{"a part of a word", 5, 6, "[0 6 0]"},
		{"a word with the text before it", 2, 7, "[0 6 0]"},
		{"two words, by their bytes", 1, 6, "[2 4 0]"},
		{"all words", 0, 9, "[2 3 1]"},
		{"no word", 2, 4, "[0 0 0]"},
		{"the end", 9, 9, "[0 0 0]"},
		{"an empty token inside of a word", 5, 5, "[0 0 0]"},
	} {
		scores := make([]float64, 3)
		divide(audit.TokenScore{From: c.from, To: c.to, Score: 6}, words, scores)
		if got := fmt.Sprint(scores); got != c.want {
			t.Errorf("%s: %s, want %s", c.reason, got, c.want)
		}
	}
}
