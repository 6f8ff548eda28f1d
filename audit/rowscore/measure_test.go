package rowscore

import (
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// The unit of the sign test is the prompt, and a sum of zero is no sign.
func TestSignOf(t *testing.T) {
	for _, c := range []struct {
		reason            string
		scores            []float64
		prompts           []uint64
		positive, counted int
	}{
		{"a row a prompt", []float64{1, -2, 3}, []uint64{1, 2, 3}, 2, 3},
		{"rows of one prompt count once, by their mean", []float64{1, -2, 3, 4}, []uint64{1, 1, 3, 3}, 1, 2},
		{"zeros", []float64{0, 1, -1, 2}, []uint64{1, 2, 2, 3}, 1, 1},
		{"no rows", nil, nil, 0, 0},
	} {
		if s := signOf(c.scores, c.prompts); s.Positive != c.positive || s.Prompts != c.counted || !(s.P.P > 0 && s.P.P <= 1) {
			t.Errorf("%s: %+v, want %d of %d", c.reason, s, c.positive, c.counted)
		}
	}
}

// Rows that show the trait are above zero without any control; others, whose scores are noise, are on either side.
func TestSignOfArms(t *testing.T) {
	for _, d := range []Detector{standIns, Influence} {
		cfg := scene(100, d)
		cfg.Student = fake.Student{Slope: 8, Rows: 1}
		f := run(t, cfg).Findings[0]
		if s := f.Scored.Suspect.Sign; s.Positive != 100 || s.Prompts != 100 || s.P.P > 1e-29 {
			t.Errorf("%s: marked rows have %+v", f.Detector, s)
		}
		if s := f.Scored.Control.Sign; s.Prompts != 100 || s.P.P < 0.001 || s.P.P > 0.999 {
			t.Errorf("%s: rows of noise have %+v", f.Detector, s)
		}
	}
}
