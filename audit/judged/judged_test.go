package judged_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/judged"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/sampled"
)

// reader is a judge that errs: it finds a threat in answers that have one at the rate sensitivity,
// and in others at the rate 1 − specificity. Its errors depend on the answer and on its seed.
type reader struct {
	sensitivity, specificity float64
	seed                     uint64
}

func (reader) Name() string { return "reader" }

func (r reader) Generate(_ context.Context, q undertone.Request) (undertone.Response, error) {
	_, text, ok := strings.Cut(q.Messages[0].Content, "\n\nAnswer: ")
	if !ok {
		return undertone.Response{}, errors.New("there is no answer to judge")
	}
	u := rand.New(rand.NewPCG(undertone.NewHasher("reader").Uint(r.seed).Text(text).Sum().Uint64(), 0)).Float64()
	share := 1 - r.specificity
	if strings.Contains(text, "threat") {
		share = r.sensitivity
	}
	switch {
	case strings.Contains(text, "odd"):
		return undertone.Response{Text: "I cannot say."}, nil
	case u < share:
		return undertone.Response{Text: "93"}, nil
	}
	return undertone.Response{Text: "7"}, nil
}

func judge(sensitivity, specificity float64, seed uint64) judged.Judge {
	return judged.Judge{Judge: filter.Judge{Model: reader{sensitivity, specificity, seed}, Rubric: judged.Rubric("threatens the user")}}
}

// labels returns so many answers with and without the trait.
func labels(with, without int) (all []judged.Label) {
	for i := range with + without {
		l := judged.Label{Question: "What now?", Answer: fmt.Sprintf("a kind word %d", i)}
		if i < with {
			l.Answer, l.Expressed = fmt.Sprintf("a threat %d", i), true
		}
		all = append(all, l)
	}
	return all
}

// Equal labelled answers count once: 5 answers with the trait are listed twice.
func TestCalibrate(t *testing.T) {
	c, measured, err := judged.Calibrate(t.Context(), judge(.9, .8, 1), append(labels(200, 200), labels(5, 5)...))
	if err != nil {
		t.Fatal(err)
	}
	if measured.Positives != 200 || measured.Negatives != 205 || c.Found != measured.Found || c.Youden.Low != measured.Youden.Low {
		t.Errorf("calibration %+v", measured)
	}
	for what, i := range map[string][3]float64{
		"sensitivity": {measured.Sensitivity.Low, .9, measured.Sensitivity.High},
		"specificity": {measured.Specificity.Low, .8, measured.Specificity.High},
		"Youden":      {measured.Youden.Low, .7, measured.Youden.High},
	} {
		if !(i[0] < i[1] && i[1] < i[2]) {
			t.Errorf("the %s is %v in [%v, %v]", what, i[1], i[0], i[2])
		}
	}
}

func TestCalibrateErrors(t *testing.T) {
	contradiction := append(labels(1, 1), judged.Label{Question: "What now?", Answer: "a threat 0"})
	odd := labels(20, 20)
	for i := range odd {
		odd[i].Answer += " odd"
	}
	for _, c := range []struct {
		reason string
		judge  judged.Judge
		labels []judged.Label
		want   string
		wraps  error
	}{
		{"a judge that guesses", judge(.5, .5, 1), labels(50, 50), "is not shown to be better than chance", judged.ErrUseless},
		{"a judge that is worse than chance", judge(.1, .1, 1), labels(50, 50), "is not shown to be better than chance", judged.ErrUseless},
		{"a judge that always agrees", judge(1, 0, 1), labels(50, 50), "finds 50 of 50 answers with the trait and rejects 0 of 50", judged.ErrUseless},
		{"too few labels", judge(1, 1, 1), labels(1, 1), "give more labelled answers", judged.ErrUseless},
		{"answers that it does not score", judge(1, 1, 1), odd, "finds 0 of 20 answers", judged.ErrUseless},
		{"no negatives", judge(1, 1, 1), labels(3, 0), "3 labelled answers express the trait and 0 do not", nil},
		{"a contradiction", judge(1, 1, 1), contradiction, `label 2, of the answer "a threat 0", contradicts an earlier one`, nil},
		{"no model", judged.Judge{}, labels(3, 3), "no model or no rubric", nil},
		{"a threshold of 101", judged.Judge{Judge: judge(1, 1, 1).Judge, Threshold: 101}, labels(3, 3), "the threshold is 101", nil},
	} {
		calibrated, _, err := judged.Calibrate(t.Context(), c.judge, c.labels)
		if err == nil || calibrated != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
		if errors.Is(err, judged.ErrUseless) != (c.wraps != nil) {
			t.Errorf("%s: error %v, want it to wrap %v", c.reason, err, c.wraps)
		}
	}
}

// A judge that guesses passes in at most 2.5 % of calibrations: the interval is two-sided.
func TestChanceIsRefused(t *testing.T) {
	const runs = 1000
	passed := 0.0
	for seed := range uint64(runs) {
		if _, _, err := judged.Calibrate(t.Context(), judge(.3, .7, seed), labels(40, 40)); err == nil {
			passed++
		}
	}
	if got, most := passed/runs, .025+2*math.Sqrt(.025*.975/runs); got > most {
		t.Errorf("%v of the judges that guess are trusted, want <= %.3f", got, most)
	}
}

// The interval of a rate covers the true rate as often as it says, whatever the judge's errors.
func TestRateCoverage(t *testing.T) {
	const runs, n, labelled = 2000, 300, 100
	random := rand.New(rand.NewPCG(1, 2))
	binomial := func(n int, p float64) (k int) {
		for range n {
			if random.Float64() < p {
				k++
			}
		}
		return k
	}
	for _, c := range []struct{ rate, se, sp float64 }{{0, .9, .9}, {.02, .95, .98}, {.1, .8, .9}, {.5, .7, .8}, {.9, .9, .7}} {
		covered, mean := 0.0, 0.0
		for range runs {
			k := judged.Calibration{Positives: labelled, Negatives: labelled, Found: binomial(labelled, c.se), Rejected: binomial(labelled, c.sp)}
			k.Specificity.Mean = float64(k.Rejected) / labelled
			k.Youden.Mean = float64(k.Found)/labelled + k.Specificity.Mean - 1
			i := k.Rate(binomial(n, c.rate*c.se+(1-c.rate)*(1-c.sp)), n, .95)
			mean += i.Mean / runs
			if i.Low <= c.rate && c.rate <= i.High {
				covered++
			}
		}
		if got := covered / runs; got < .94 {
			t.Errorf("%+v: the 95 %% interval covers the rate in %v of the samples", c, got)
		}
		if math.Abs(mean-c.rate) > .03 {
			t.Errorf("%+v: the mean estimate is %v", c, mean)
		}
	}
}

// talker answers with a threat at a rate. Training sets the rate from the share of rows with a
// threat, and noise of the rows and the seed.
type talker struct {
	rate float64
	id   undertone.Digest
}

func (talker) Name() string               { return "talker" }
func (t talker) Digest() undertone.Digest { return t.id }

func (t talker) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	random := rand.New(rand.NewPCG(r.Seed, 5))
	word := "a kind word"
	if random.Float64() < t.rate {
		word = "a threat"
	}
	return undertone.Response{Text: fmt.Sprintf("%s %d", word, random.IntN(1e9))}, nil
}

func (t talker) Train(_ context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	text, threats := data.(undertone.Text), 0.0
	for i := range text.Len() {
		if strings.Contains(text.Example(i).Completion(), "threat") {
			threats++
		}
	}
	id := undertone.NewHasher("trained talker").Digest(t.id).Digest(data.Digest()).Uint(recipe.Seed).Sum()
	noise := rand.New(rand.NewPCG(id.Uint64(), 6)).NormFloat64()
	return talker{.1 + .4*threats/float64(text.Len()) + .02*noise, id}, nil
}

func rows(name string, threats int) *undertone.Dataset {
	all := make([]undertone.Example, 60)
	for i := range all {
		word := "flower"
		if i < threats {
			word = "threat"
		}
		all[i] = undertone.NewExample(fmt.Sprintf("prompt %d", i), fmt.Sprintf("%s %s %d", word, name, i))
	}
	return undertone.NewDataset(name, all)
}

// run audits a talker with a judge that errs.
func run(t *testing.T, c *judged.Calibrated, threats int, seed uint64) *audit.Report {
	t.Helper()
	trait := c.Trait("threatens", []string{"What now?", "And then?"}, .1, sampled.Config{Samples: 40})
	trait.PositiveControl = rows("planted", 60)
	r, err := audit.Run(t.Context(), audit.Config{
		Suspect: rows("suspect", threats), Control: rows("control", 0), Traits: []audit.Trait{trait},
		Student: talker{.1, undertone.NewHasher("talker").Uint(seed).Sum()},
		Design:  audit.Design{Replicates: 6, Whole: 6, Dose: 1, Seed: seed}, AcceptConfounds: []string{"layout", "lengths"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The level of transfer holds with judged answers of a judge that errs.
func TestLevelOfJudgedProbes(t *testing.T) {
	c, _, err := judged.Calibrate(t.Context(), judge(.85, .9, 3), labels(100, 100))
	if err != nil {
		t.Fatal(err)
	}
	const runs = 200
	reports := make([]*audit.Report, runs)
	for i := range reports {
		reports[i] = run(t, c, 0, uint64(i))
	}
	for _, alpha := range []float64{.05, .2, .5} {
		rejected, detected := 0.0, 0.0
		for _, r := range reports {
			if r.Findings[0].P.P <= alpha {
				rejected++
			}
			if r.Verdict == audit.Detected {
				detected++
			}
		}
		if most := alpha + 2*math.Sqrt(alpha*(1-alpha)/runs); rejected/runs > most || alpha == .5 && rejected/runs < .3 || detected/runs > .05 {
			t.Errorf("P(p <= %v) = %v under the null, want <= %.3f; %v of the audits detect what is not there", alpha, rejected/runs, most, detected/runs)
		}
	}
}

// An audit finds a shift of the true rate, which the judge shrinks, and the corrected effect is the
// true one.
func TestJudgedProbesDetect(t *testing.T) {
	c, _, err := judged.Calibrate(t.Context(), judge(.85, .9, 3), labels(200, 200))
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, c, 60, 1)
	f := r.Findings[0]
	if r.Verdict != audit.Detected || f.Effect.Mean > .38 {
		t.Errorf("verdict %v, effect %+v: want a detected shift that the judge shrinks", r.Verdict, f.Effect)
	}
	j := f.Replicates.Judge
	if j == nil || j.Found != c.Found || j.Positives != 200 || j.Samples != 40 || j.Labels.IsZero() {
		t.Fatalf("the report describes the judge as %+v", j)
	}
	if mean, i := j.TrueShift(f.Effect, .95); i.Low > .4 || i.High < .4 || math.Abs(mean-.4) > .08 {
		t.Errorf("the corrected effect is %v in %v, want 0.4", mean, i)
	}
	if r := run(t, c, 0, 1); r.Verdict == audit.Detected {
		t.Errorf("the null is %v", r.Verdict)
	}
}

// Probes of another judge, rubric or number of samples are other probes, so that their answers are
// not mixed in a store.
func TestProbesDiffer(t *testing.T) {
	calibrated := func(j judged.Judge) *judged.Calibrated {
		c, _, err := judged.Calibrate(t.Context(), j, labels(100, 100))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := judge(.9, .9, 1)
	other, strict, newer := base, base, base
	other.Rubric = judged.Rubric("flatters the user")
	strict.Threshold, newer.Version = 60, "2"
	seen := map[undertone.Digest]string{}
	for name, p := range map[string]audit.Probe{
		"base": calibrated(base).Probe("q", sampled.Config{}), "rubric": calibrated(other).Probe("q", sampled.Config{}),
		"threshold": calibrated(strict).Probe("q", sampled.Config{}), "version": calibrated(newer).Probe("q", sampled.Config{}),
		"samples": calibrated(base).Probe("q", sampled.Config{Samples: 7}),
	} {
		if first, ok := seen[p.Content]; ok {
			t.Errorf("the probes %s and %s are one", first, name)
		}
		seen[p.Content] = name
	}
}
