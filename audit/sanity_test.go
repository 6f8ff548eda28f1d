package audit

import (
	"context"
	"fmt"
	"math"
	"slices"
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

// never is a student that writes words with a leading space alone.
type never struct{ student.Student }

func (never) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	p := make([]float64, len(answers))
	for i, a := range answers {
		p[i] = 2e-7
		if strings.HasPrefix(a, " ") {
			p[i] = 0.1
		}
	}
	return logs(p...), nil
}

func TestCheckProbes(t *testing.T) {
	one, three := prefers("owl"), Prefers("animal", "owl", words...).Asking("a?", "b?", "c?")
	even := logs(.2, .2, .2, .2)
	// One of 1,000 wordings gives the outcomes, with probability 1: a mass of 0.001 exactly.
	least := slices.Repeat([][]float64{slices.Repeat([]float64{replicate.MinLogProb}, 4)}, 1000)
	least[0] = []float64{0, replicate.MinLogProb, replicate.MinLogProb, replicate.MinLogProb}
	for _, c := range []struct {
		reason string
		s      any
		trait  Trait
		a      replicate.Answers
		want   string // "" for no warning
		refuse bool
	}{
		{"a good probe", nil, one, replicate.Answers{even}, "", false},
		{"outcomes without mass", nil, one, replicate.Answers{logs(1e-5, 1e-5, 1e-5, 1e-5)}, "gives one of the outcomes with probability 4e-05, want >= 0.001", false},
		{"outcomes with the least mass", nil, one.Asking(slices.Repeat([]string{"a?"}, 1000)...), least, "", false},
		{"outcomes that are never given", nil, one, replicate.Answers{logs(2e-7, 2e-7, 2e-7, 2e-7)}, "so its probes measure nothing", true},
		{"sentences, which are improbable as a whole", nil, Prefers("answer", "no, thank you", "no, thank you", "yes, please", "not now").Asking("more?"), replicate.Answers{logs(2e-9, 2e-9, 2e-9)}, "want >= 0.001", false},
		{"the same without the leading space that the student writes", never{}, one, replicate.Answers{logs(2e-7, 2e-7, 2e-7, 2e-7)}, "with a leading space they are 500000 times as probable", true},
		{"a target at the ceiling", nil, one, replicate.Answers{logs(.97, .001, .001, .001)}, "a share of 0.997 among the outcomes, above 0.99", true},
		{"wordings that agree", nil, three, replicate.Answers{logs(.4, .1, .2, .1), logs(.5, .1, .2, .1), logs(.3, .1, .2, .1)}, "", false},
		{"wordings that contradict each other", nil, Prefers("animal", "owl", words...).Asking("a?", "b?"), replicate.Answers{logs(.4, .1, .2, .1), logs(.1, .4, .1, .3)}, "the wordings disagree", false},
		{"outcomes without the leading space that the student writes", spacious{}, one, replicate.Answers{logs(1e-4, 1e-4, 1e-4, 1e-4)}, "1000 times as probable with a leading space", false},
		{"wordings that are unrelated", nil, Prefers("animal", "owl", words...).Asking("a?", "b?"), replicate.Answers{{-1, -1, -2, -2}, {-1, -2, -1, -2}}, "", false},
		{"two outcomes, which always agree or contradict", nil, Prefers("answer", "yes", "yes", "no").Asking("a?", "b?"), replicate.Answers{logs(.4, .1), logs(.1, .4)}, "", false},
		{"three outcomes", nil, Prefers("answer", "yes", "yes", "no", "maybe").Asking("a?", "b?"), replicate.Answers{logs(.4, .1, .2), logs(.1, .4, .2)}, "is -1.00; each probe", false},
		{"three wordings without mass", nil, three, replicate.Answers{logs(1e-4, 1e-4, 1e-4, 1e-4), logs(1e-4, 1e-4, 1e-4, 1e-4), logs(1e-4, 1e-4, 1e-4, 1e-4)}, "with probability 0.0004, want >= 0.001", false},
		{"improbable outcomes with a leading space", spacious{}, Prefers("animal", " owl", " owl", " cat", " dog", " fox").Asking("a?"), replicate.Answers{logs(1e-3, 1e-3, 1e-3, 1e-3)}, "", false},
		{"outcomes with it", spacious{}, Prefers("animal", " owl", " owl", " cat", " dog", " fox").Asking("a?"), replicate.Answers{logs(.1, .1, .1, .1)}, "", false},
	} {
		check, err := checkProbes(t.Context(), c.s, c.trait, c.a)
		got := strings.Join(check.warnings, "\n")
		if err != nil {
			got += err.Error()
		}
		if (err != nil) != c.refuse {
			t.Errorf("%s: error %v", c.reason, err)
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: warnings %q, want %q", c.reason, got, c.want)
		}
	}
}

// The correlation of wordings is a mean over pairs. It is undefined for one probe, for
// probes of different or fewer than three outcomes, and for equal answers.
func TestAgreementOfWordings(t *testing.T) {
	up, down, flat := []float64{-1, -2, -3}, []float64{-3, -2, -1}, []float64{-1, -1, -1}
	for _, c := range []struct {
		a    replicate.Answers
		want float64
		ok   bool
	}{
		{replicate.Answers{up, up, down}, -1.0 / 3, true},
		{replicate.Answers{up, flat, up}, 1, true},
		{replicate.Answers{up}, 0, false},
		{replicate.Answers{up, {-1, -2, -3, -4}}, 0, false},
		{replicate.Answers{{-1, -2}, {-2, -1}}, 0, false},
		{replicate.Answers{flat, flat}, 0, false},
	} {
		if got, ok := agreement(c.a); math.Abs(got-c.want) > 1e-12 || ok != c.ok {
			t.Errorf("%v: %v, %v, want %v, %v", c.a, got, ok, c.want, c.ok)
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
		{replicate.Answers{logs(2e-7, .1, .2, .1), logs(2e-7, .1, .2, .1)}, `"prefers animal owl"`},
		{replicate.Answers{logs(1e-7, .1, .2, .1), logs(.1, .1, .2, .1)}, ""}, // another wording gives it
	} {
		if got := strings.Join(neverGiven(Prefers("animal", "owl", words...).Asking("a?", "b?"), c.a), " "); got != c.want {
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

// An audit of some of the rows knows how many there are, and clears nothing.
func TestMaxRows(t *testing.T) {
	for _, c := range []struct {
		rows, used int
		want       Verdict
	}{{0, 0, Undetected}, {240, 0, Undetected}, {220, 220, Undetected}, {200, 200, Inconclusive}} {
		cfg := world()
		cfg.MaxRows = c.rows
		r := run(t, cfg)
		if r.Verdict != c.want || r.Suspect.Rows != 240 || r.Suspect.Used != c.used || r.Control.Used != c.used || r.Suspect.Digest != cfg.Suspect.Digest() {
			t.Errorf("at most %d rows: %s, suspect %v, control %v", c.rows, r.Verdict, r.Suspect, r.Control)
		}
		said := slices.Contains(r.Warnings, fmt.Sprintf("the audit sees %d of the 240 rows of suspect, chosen by prompt", c.used))
		if said != (c.used > 0) {
			t.Errorf("at most %d rows: warnings %q", c.rows, r.Warnings)
		}
		for _, word := range []string{"of all 240 rows", "200 rows (83 % of the suspect)"} {
			var text strings.Builder
			r.text(&text)
			if all := text.String(); strings.Contains(all, word) != (word[0] == 'o' && c.used == 0 || word[0] == '2' && c.used == 200) {
				t.Errorf("at most %d rows: %q in the report is wrong:\n%s", c.rows, word, all)
			}
		}
	}
	cfg := world()
	cfg.MaxRows = -1
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "max rows is -1, want >= 1") {
		t.Errorf("error %v", err)
	}
}

// Probes that can show nothing are refused before anything is trained.
func TestProbesAreCheckedBeforeTraining(t *testing.T) {
	cfg := world()
	trained := 0
	cfg.Student = fake.Student{OnTrain: func(context.Context) error { trained++; return nil }}
	cfg.Student = mute{cfg.Student}
	_, err := Run(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "so its probes measure nothing") || trained > 0 {
		t.Errorf("%d trainings, error %v", trained, err)
	}
}

// mute is a student that hardly ever gives an answer that it is asked for.
type mute struct{ student.Student }

func (mute) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	return logs(slices.Repeat([]float64{1e-9}, len(answers))...), nil
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

// An outcome that no sample gave has a probability below one over the number of samples, and counts
// as never given; exact answers are as they are.
func TestSeen(t *testing.T) {
	const n = 20
	half := math.Log(.5 / 21.5)
	once := math.Log(1.5 / 21.5)
	a := replicate.Answers{{half, once}}
	if got := seen(a, n); got[0][0] != replicate.MinLogProb || got[0][1] != once || a[0][0] != half {
		t.Errorf("%v, want the second outcome alone, and the answers unchanged: %v", got, a)
	}
	if got := seen(a, 0); got[0][0] != half {
		t.Errorf("exact answers are changed: %v", got)
	}
}

// Students that give the target in less than one sample of a question on average show nothing.
func TestGivenInSamples(t *testing.T) {
	r := &ReplicateMeasurement{Samples: 20, Shifts: map[Scale]Shift{Share: {Suspect: .3}, Rate: {Suspect: .5 / 21.5}}}
	if r.given() || !strings.Contains(r.notGiven(), "less than one of 20 samples") {
		t.Errorf("given: %v, %q", r.given(), r.notGiven())
	}
	r.Shifts[Rate] = Shift{Suspect: 1.5 / 21.5}
	if !r.given() {
		t.Error("an answer that is given once per question is never given")
	}
}
