package rowscore

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// The unit of the sign test is the prompt, and a sum of zero counts for neither side.
func TestSignTest(t *testing.T) {
	for _, c := range []struct {
		reason            string
		scores            []float64
		prompts           []uint64
		positive, counted int
	}{
		{"one row per prompt", []float64{1, -2, 3}, []uint64{1, 2, 3}, 2, 3},
		{"rows of one prompt count once, by their mean", []float64{1, -2, 3, 4}, []uint64{1, 1, 3, 3}, 1, 2},
		{"zeros", []float64{0, 1, -1, 2}, []uint64{1, 2, 2, 3}, 1, 1},
		{"no rows", nil, nil, 0, 0},
	} {
		if s := signTest(c.scores, c.prompts); s.Positive != c.positive || s.Prompts != c.counted || !(s.P.P > 0 && s.P.P <= 1) {
			t.Errorf("%s: %+v, want %d of %d", c.reason, s, c.positive, c.counted)
		}
	}
}

// Rows that show the trait are above zero without a control. Scores that are noise are on both
// sides.
func TestSignTestOfArms(t *testing.T) {
	for _, d := range []audit.Detector{likelihood, byInfluence} {
		cfg := fakeaudit.Scene(100, d)
		cfg.Student = fake.Student{Slope: 8, Rows: 1}
		f := fakeaudit.Run(t, cfg).Findings[0]
		if s := f.RowScores.Suspect.Sign; s.Positive != 100 || s.Prompts != 100 || s.P.P > 1e-29 {
			t.Errorf("%s: marked rows have %+v", f.Detector, s)
		}
		if s := f.RowScores.Control.Sign; s.Prompts != 100 || s.P.P < 0.001 || s.P.P > 0.999 {
			t.Errorf("%s: rows of noise have %+v", f.Detector, s)
		}
	}
}

// Arms without a common prompt are reported and not refused.
func TestArmsWithoutCommonPrompts(t *testing.T) {
	cfg := fakeaudit.Scene(0, likelihood, byInfluence)
	cfg.Control = fake.Rows("control", 300, 0, "").Select([]int{200, 201, 202})
	cfg.Suspect = fake.Rows("suspect", 300, 0, "").Select([]int{1, 2, 3})
	for _, f := range fakeaudit.Run(t, cfg).Findings {
		reasons := strings.Join(f.Reasons, "; ")
		if f.Verdict != audit.Inconclusive || !strings.Contains(reasons, "no prompt in common") || f.P.P != 1 || f.Effect != (audit.Estimate{}) || f.Placebos != nil {
			t.Errorf("%s: %s because %q, effect %+v, p %v", f.Detector, f.Verdict, reasons, f.Effect, f.P)
		}
	}
}

// A positive control without a prompt of the control says nothing, and there is no limit of
// detection.
func TestPositiveControlWithoutCommonPrompts(t *testing.T) {
	cfg := fakeaudit.Scene(0, likelihood)
	cfg.Traits[0].PositiveControl = fake.Rows("planted", 300, 300, "owl").Select([]int{200, 201, 202})
	f := fakeaudit.Run(t, cfg).Findings[0]
	if f.PositiveControl != nil || f.Limit != nil || !strings.Contains(strings.Join(f.Reasons, "; "), "no positive control") {
		t.Errorf("positive control %+v, limit %+v, reasons %q", f.PositiveControl, f.Limit, f.Reasons)
	}
}

// A report names the suspect rows with the largest scores and holds no effects of relabelled arms.
func TestReportNamesTheTopRows(t *testing.T) {
	cfg := fakeaudit.Dirty(byInfluence)
	f := fakeaudit.Run(t, cfg).Findings[0]
	if len(f.RowScores.Top) != topRows || f.RowScores.Relabelled != nil || f.Limit == nil {
		t.Errorf("%d rows, %d relabelled effects, limit %v", len(f.RowScores.Top), len(f.RowScores.Relabelled), f.Limit)
	}
	for _, row := range f.RowScores.Top {
		if row.Index >= 40 || row.Row != cfg.Suspect.RowID(row.Index) {
			t.Errorf("top row %+v is not one of the marked rows", row)
		}
	}
	few := fakeaudit.Scene(0, byInfluence)
	few.Suspect = few.Suspect.Select([]int{0, 1, 2})
	if top := fakeaudit.Run(t, few).Findings[0].RowScores.Top; len(top) != 3 {
		t.Errorf("%d of 3 rows are named", len(top))
	}
}

// The overt dose is the effect over the compared rows, divided by the mean score of overt rows.
func TestOvertDose(t *testing.T) {
	e := audit.Estimate{Mean: 0.5, N: 40}
	if d := overtDose(e, []float64{1, 3}); d == nil || d.Scale != 20 || d.Mean != 10 {
		t.Errorf("dose %+v, want 40·0.5/2 overt rows", d)
	}
	for _, overt := range [][]float64{{0, 0}, {-1, -3}, {math.SmallestNonzeroFloat64, 0}, {math.NaN()}} {
		if d := overtDose(e, overt); d != nil {
			t.Errorf("overt scores %v: dose %+v, want none", overt, d)
		}
	}
	cfg := fakeaudit.Scene(60, byInfluence)
	cfg.Student = fake.Student{Slope: 1}
	// Each marked row has the influence of one overt row.
	if d := fakeaudit.Run(t, cfg).Findings[0].RowScores.OvertDose; d == nil || math.Abs(d.Mean-60) > 1e-6 {
		t.Errorf("dose %+v, want 60 overt rows", d)
	}
}

// Effects for the trait and its placebos are compared in units of the standard deviation of their
// scores if scores are regressed: a placebo with twice the effect and ten times the spread ranks
// behind the trait.
func TestPlacebosAreRankedByScale(t *testing.T) {
	cfg := fakeaudit.Scene(0, likelihood)
	cfg.Traits[0].Placebos, cfg.Traits[0].PositiveControl = cfg.Traits[0].Placebos[:4], nil
	pass, err := audit.NewPass(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	draw := func(shift, spread float64) []float64 {
		scores := make([]float64, 100)
		for i := range scores {
			scores[i] = shift + spread*rng.NormFloat64()
		}
		return scores
	}
	scores := kindScores{scorers: []scorer{{unit: "nats", regressed: true}}}
	for k := range 5 {
		shift, spread := 0.0, 1.0
		switch k {
		case 0:
			shift = 1
		case 1:
			shift, spread = 4, 20
		}
		scores.suspect, scores.control = append(scores.suspect, draw(shift, spread)), append(scores.control, draw(0, spread))
	}
	s := scoring{pass: pass, trait: pass.Traits[0], kinds: []kindScores{scores}}
	if m := s.measure(); m.Placebos.Rank != 1 || m.Placebos.Effects[0].Mean < m.Effect.Mean {
		t.Errorf("rank %d, effect %v, of the placebo %v", m.Placebos.Rank, m.Effect.Mean, m.Placebos.Effects[0].Mean)
	}
}

func TestRowsWithEqualScoresKeepTheirOrder(t *testing.T) {
	data := fake.Rows("d", 5, 0, "")
	var order []int
	for _, row := range ranked(data, []float64{1, 2, 1, 2, 3}) {
		order = append(order, row.Index)
		if row.Row != data.RowID(row.Index) {
			t.Errorf("row %d has the ID of another row", row.Index)
		}
	}
	if want := []int{4, 1, 3, 0, 2}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

// promptKeys gives equal prompts equal keys.
func TestPromptKeys(t *testing.T) {
	keys := promptKeys(undertone.NewDataset("d", []undertone.Example{
		undertone.NewExample("a", "1"), undertone.NewExample("b", "1"), undertone.NewExample("a", "2"),
	}))
	if keys[0] != keys[2] || keys[0] == keys[1] {
		t.Errorf("keys %v", keys)
	}
}
