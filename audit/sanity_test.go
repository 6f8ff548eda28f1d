package audit

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// A control that carries the trait itself hides that of the suspect: no clearance.
func TestControlThatCarriesTheTrait(t *testing.T) {
	cfg := world()
	cfg.Suspect = fake.Rows("suspect", 240, 240, "owl")
	cfg.Control = fake.Rows("control", 240, 240, "owl")
	cfg.Student = fake.Student{Slope: 1, Noise: 0.05}
	cfg.Traits[0].PositiveControl = fake.Rows("strong", 240, 240, "owl owl")
	f := run(t, cfg).Findings[0]
	if f.Verdict != Inconclusive || !strings.Contains(strings.Join(f.Reasons, "; "), "the control may carry the trait itself") {
		t.Errorf("%s: %v", f.Verdict, f.Reasons)
	}
	// The same control does not keep a suspect with more of the trait from being detected.
	m := pairsWith(6, 0.5, 0.05, 0.02, nil)
	m.Replicates.Control = pairEstimate(differences(6, 2, 0.1))
	if j := JudgeReplicates(m, Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.02}); j.Verdict != Detected {
		t.Errorf("%s: %v", j.Verdict, j.Reasons)
	}
}

// logs returns the logarithms of probabilities.
func logs(p ...float64) []float64 {
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = math.Log(v)
	}
	return out
}

// spacious is a student to which words with a leading space are probable.
type spacious struct{ student.Student }

func (spacious) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	p := make([]float64, len(answers))
	for i, a := range answers {
		p[i] = 1e-4
		if strings.HasPrefix(a, " ") {
			p[i] = 0.1
		}
	}
	return logs(p...), nil
}

func TestCheckProbes(t *testing.T) {
	one, three := prefers("owl"), Prefers("animal", "owl", words...).Asking("a?", "b?", "c?")
	even := logs(.2, .2, .2, .2)
	for _, c := range []struct {
		reason string
		s      any
		trait  Trait
		a      replicate.Answers
		want   string // "" for no warning
	}{
		{"a good probe", nil, one, replicate.Answers{even}, ""},
		{"outcomes without mass", nil, one, replicate.Answers{logs(1e-5, 1e-5, 1e-5, 1e-5)}, "gives one of the outcomes with probability 4e-05, want >= 0.001"},
		{"a target at the ceiling", nil, one, replicate.Answers{logs(.97, .001, .001, .001)}, "a share of 0.997 among the outcomes"},
		{"wordings that agree", nil, three, replicate.Answers{logs(.4, .1, .2, .1), logs(.5, .1, .2, .1), logs(.3, .1, .2, .1)}, ""},
		{"wordings that contradict each other", nil, Prefers("animal", "owl", words...).Asking("a?", "b?"), replicate.Answers{logs(.4, .1, .2, .1), logs(.1, .4, .1, .3)}, "the wordings disagree"},
		{"outcomes without the leading space that the student writes", spacious{}, one, replicate.Answers{logs(1e-4, 1e-4, 1e-4, 1e-4)}, "1000 times as probable with a leading space"},
		{"outcomes with it", spacious{}, Prefers("animal", " owl", " owl", " cat", " dog", " fox").Asking("a?"), replicate.Answers{logs(.1, .1, .1, .1)}, ""},
	} {
		got := strings.Join(checkProbes(t.Context(), c.s, c.trait, c.a), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: warnings %q, want %q", c.reason, got, c.want)
		}
	}
}

// An answer that students never give is named before a verdict, and is never detected.
func TestOutcomesThatAreNeverGiven(t *testing.T) {
	words := []string{"owl", "cat", "dog", "fox"}
	for _, c := range []struct {
		a    replicate.Answers
		want string
	}{
		{replicate.Answers{logs(.4, .1, .2, .1)}, ""},
		{replicate.Answers{logs(1e-6, .1, .2, .1)}, ""},
		{replicate.Answers{logs(1e-7, .1, .2, .1)}, `"prefers animal owl"`},
		{replicate.Answers{logs(.1, 1e-9, 1e-9, .1)}, `"cat" "dog"`},
	} {
		if got := strings.Join(neverGiven(Prefers("animal", "owl", words...).Asking("a?"), c.a), " "); got != c.want {
			t.Errorf("%v: %q, want %q", c.a, got, c.want)
		}
	}
	for share, want := range map[float64]Verdict{1e-6: Detected, 9e-7: Inconclusive} {
		m := pairsWith(6, 0.5, 0.07, 0.02, nil)
		m.Replicates.Shifts = map[Scale]Shift{Share: {Suspect: share}}
		j := JudgeReplicates(m, Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.02})
		if j.Verdict != want || want == Inconclusive && (len(j.Reasons) != 1 || !strings.Contains(j.Reasons[0], "never give the answer")) {
			t.Errorf("a share of %v: %s because %q, want %s", share, j.Verdict, j.Reasons, want)
		}
	}
}

// Rows that no replicate learns may hold the trait: with most rows unused nothing is cleared.
func TestUnusedRowsClearNothing(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Config)
		want   Verdict
		used   float64 // at most, or 1
	}{
		{"all rows are used", func(*Config) {}, Undetected, 1},
		{"a suspect much larger than the control", func(c *Config) { c.Suspect = fake.Rows("large", 2400, 0, "") }, Inconclusive, 0.1},
		{"a large suspect whose rows are shared", func(c *Config) {
			c.Suspect, c.Rows = fake.Rows("large", 2400, 0, ""), ShareRows
		}, Inconclusive, 0.1},
		{"a suspect without most rows of what was one part", func(c *Config) { c.Suspect = starved(c.Suspect, c.Control) }, Undetected, 1},
	} {
		cfg := world()
		c.change(&cfg)
		f := run(t, cfg).Findings[0]
		all := strings.Join(f.Reasons, "; ")
		if f.Verdict != c.want || f.Replicates.SuspectUsed > c.used || f.Replicates.SuspectUsed < 0.95*c.used || c.want == Inconclusive && !strings.Contains(all, "of the suspect rows were used") {
			t.Errorf("%s: %s, %.2f of the rows used: %s", c.reason, f.Verdict, f.Replicates.SuspectUsed, all)
		}
	}
}

// starved returns the suspect without most rows of one of the parts that it would be divided into.
func starved(suspect, control undertone.Data) undertone.Data {
	parts, err := replicate.Split(6, replicate.Salt(1, suspect, control), nil, suspect, control)
	if err != nil {
		panic(err)
	}
	drop := map[undertone.Digest]bool{}
	for i := 3; i < parts[0][0].Len(); i++ {
		drop[parts[0][0].RowID(i)] = true
	}
	var rows []int
	for i := range suspect.Len() {
		if !drop[suspect.RowID(i)] {
			rows = append(rows, i)
		}
	}
	return suspect.Select(rows)
}
