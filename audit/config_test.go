package audit

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/student"
)

// words are the answers to the probes of the tests; the first one is the trait.
var words = []string{"owl", "cat", "dog", "fox"}

// prefers is the trait of answering with a word, asked once.
func prefers(word string) Trait {
	return Prefers("animal", word, words...).Asking("favorite?")
}

// world returns the configuration of a small audit whose suspect carries no trait.
// A trait of slope 1 in planted rows moves the margin by 1.
func world() Config {
	trait := prefers("owl")
	trait.PositiveControl = fake.Rows("planted", 240, 240, "owl")
	return Config{
		Suspect: fake.Rows("suspect", 240, 0, ""), Control: fake.Rows("control", 240, 0, ""),
		Student:         fake.Student{Slope: 1, Noise: 0.05, Shared: 1},
		Traits:          []Trait{trait},
		AcceptConfounds: fake.Overt,
		// Six pairs are enough for one trait, p ≥ 1/64, and quick.
		Design: Design{Replicates: 6, Dose: 0.5, Seed: 1},
	}
}

// run is Run of an audit that must not fail.
func run(t testing.TB, cfg Config) *Report {
	t.Helper()
	report, err := Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// notText is Data that no student of text can learn from.
type notText struct{ undertone.Data }

func (d notText) Select(rows []int) undertone.Data { return notText{d.Data.Select(rows)} }

func TestConfigErrors(t *testing.T) {
	onTrait := func(change func(*Trait)) func(*Config) {
		return func(c *Config) { change(&c.Traits[0]) }
	}
	answering := func(logs ...float64) func(*Config) {
		return onTrait(func(t *Trait) {
			t.Probes[0].Ask = func(context.Context, student.Student) ([]float64, error) { return logs, nil }
		})
	}
	for _, c := range []struct {
		reason string
		change func(*Config)
		want   string
	}{
		{"no suspect", func(c *Config) { c.Suspect = nil }, "the suspect data set has no rows"},
		{"a suspect of no rows", func(c *Config) { c.Suspect = c.Suspect.Select(nil) }, "the suspect data set has no rows"},
		{"no control", func(c *Config) { c.Control = nil }, "only with a matched control"},
		{"a control of no rows", func(c *Config) { c.Control = c.Control.Select(nil) }, "only with a matched control"},
		{"the suspect as its own control", func(c *Config) { c.Control = c.Suspect }, "suspect and control have the same rows"},
		{"no student", func(c *Config) { c.Student = nil }, "there is no student to train"},
		{"no traits", func(c *Config) { c.Traits = nil }, "there are no traits to look for"},
		{"a negative number of replicates", func(c *Config) { c.Replicates = -1 }, "replicates is -1"},
		{"replicates below 0 at once", func(c *Config) { c.Parallel = -1 }, "parallel is -1, want >= 0"},
		{"one pair: no interval", func(c *Config) { c.Replicates = 1 }, "replicates is 1, want >= 2"},
		{"an alpha of a half", func(c *Config) { c.Alpha = 0.5 }, "alpha is 0.5"},
		{"a negative alpha", func(c *Config) { c.Alpha = -0.05 }, "alpha is -0.05"},
		{"an alpha that no p reaches", func(c *Config) { c.Alpha = 1e-7 }, "the smallest p-value of a permutation test is 1e-06: raise alpha"},
		{"an alpha that is not a number", func(c *Config) { c.Alpha = math.NaN() }, "alpha is NaN"},
		{"a row plan that is not known", func(c *Config) { c.Rows = "splt" }, `row plan "splt" is not known`},
		{"a bad recipe", func(c *Config) { c.Recipe.LearningRate = -1 }, "learning rate is -1"},
		{"more replicates than rows", func(c *Config) { c.Replicates = 1000 }, "no rows are left for this replicate"},

		{"a trait without a name", onTrait(func(t *Trait) { t.Name = "" }), `trait 0 (""): it has no name`},
		{"a trait without probes", onTrait(func(t *Trait) { t.Probes = nil }), "it has no probes"},
		{"a scale that is not known", onTrait(func(t *Trait) { t.Scale = "odds" }), `scale "odds" is not known`},
		{"a negative tolerance", onTrait(func(t *Trait) { t.Tolerance = -1 }), "tolerance is -1"},
		{"a tolerance that is not a number", onTrait(func(t *Trait) { t.Tolerance = math.NaN() }), "tolerance is NaN"},
		{"one outcome", onTrait(func(t *Trait) { t.Probes[0].Outcomes = words[:1] }), "has 1 outcomes, want at least 2"},
		{"a probe without Ask", onTrait(func(t *Trait) { t.Probes[0].Ask = nil }), "has no Ask function"},
		{"an indirect probe with one answer", onTrait(func(t *Trait) { t.Indirect = []Probe{Choose("above?", "sun")} }), `indirect probe 0 ("above?") has 1 outcomes`},
		{"an indirect probe that asks for the trait", onTrait(func(t *Trait) { t.Indirect = t.Probes[:1] }), `indirect probe 0 ("favorite?") is also a direct probe of the trait`},
		{"a target for each probe", onTrait(func(t *Trait) { t.Target = nil }), "it has 0 targets for 1 probes"},
		{"a target that is no outcome", onTrait(func(t *Trait) { t.Target = []int{4} }), "target 0 is outcome 4"},
		{"a negative target", onTrait(func(t *Trait) { t.Target = []int{-1} }), "target 0 is outcome -1"},
		{"a placebo without targets", onTrait(func(t *Trait) { t.Placebos[1].Target = nil }), `placebo "dog": it has 0 targets`},
		{"a positive control without rows", onTrait(func(t *Trait) { t.PositiveControl = t.PositiveControl.Select(nil) }), "the positive control has no rows"},

		{"a probe that fails", onTrait(func(t *Trait) {
			t.Probes[0].Ask = func(context.Context, student.Student) ([]float64, error) { return nil, errors.New("no line") }
		}), `before, replicate 0: probe "favorite?": no line`},
		{"too few answers", answering(0), "1 answers for 4 outcomes"},
		{"too many answers", answering(-9, -9, -9, -9, -9), "5 answers for 4 outcomes"},
		{"an answer that is not a number", answering(-1, math.NaN(), -2, -2), `outcome "cat" has log-probability NaN`},
		{"a probability above 1", answering(-1, 0.5, -2, -2), `outcome "cat" has log-probability 0.5`},
		{"an infinite probability", answering(math.Inf(1), -1, -2, -2), `outcome "owl" has log-probability +Inf`},
		{"probabilities in place of their logarithms", answering(0.25, 0.25, 0.25, 0.25), "want a number <= 0"},
		{"probabilities that sum to more than 1", answering(-0.5, -0.5, -2, -2), "sum to 1.4837"},
		{"a student without ChoiceScorer", func(c *Config) { c.Student = deaf{c.Student} }, "student audit.deaf does not implement ChoiceScorer; set Ask of the probe"},
		{"data that the student cannot learn from", func(c *Config) { c.Control = notText{c.Control} }, "control, all rows, replicate 0: fake: cannot learn"},

		{"a detector that does nothing", func(c *Config) { c.Detectors = []Detector{{Name: "idle"}} }, `detector "idle" has neither Measure nor Compare`},
		{"a detector that measures and compares", func(c *Config) {
			d := measured("both", 1, nil)
			d.Compare = func(context.Context, *Pass, float64) (*Evidence, error) { return nil, nil }
			c.Detectors = []Detector{d}
		}, `detector "both" has both Measure and Compare; split it into two detectors`},
		{"a detector that does not judge", func(c *Config) { c.Detectors = []Detector{{Name: "mute", Measure: Transfer.Measure}} }, `detector "mute" has Measure but no Judge`},
		{"a detector that clears without measuring", func(c *Config) {
			c.Detectors = []Detector{{Name: "generous", Clears: true, Compare: func(context.Context, *Pass, float64) (*Evidence, error) { return nil, nil }}}
		}, `detector "generous" declares that it can clear a trait but has no Measure`},
		{"a detector without a name", func(c *Config) { c.Detectors = []Detector{{Measure: Transfer.Measure}} }, "detector 0 has no name"},
		{"a detector twice", func(c *Config) { c.Detectors = []Detector{Transfer, Transfer} }, `detector "transfer" is listed twice`},
		{"a detector under the name of another", func(c *Config) { c.Detectors = []Detector{measured("transfer", 1, nil)} }, `detector 0 uses the name "transfer", which is reserved for audit.Transfer`},
		{"no detectors", func(c *Config) { c.Detectors = []Detector{} }, "there are no detectors"},
		{"a requirement that is not met", func(c *Config) {
			d := measured("picky", 1, nil)
			d.Requires = func(Config) error { return errors.New("needs more") }
			c.Detectors = []Detector{d}
		}, `detector "picky": needs more`},
		{"a detector that fails", func(c *Config) {
			c.Detectors = []Detector{{Name: "broken", Judge: JudgeReplicates, Measure: func(context.Context, *Pass) ([]Measurement, error) { return nil, errors.New("no luck") }}}
		}, `detector "broken": no luck`},
		{"a detector with too few measurements", func(c *Config) {
			c.Detectors = []Detector{{Name: "short", Judge: JudgeReplicates, Measure: func(context.Context, *Pass) ([]Measurement, error) { return nil, nil }}}
		}, `detector "short": 0 measurements for 1 traits`},
		{"a detector that compares and returns nothing", func(c *Config) {
			c.Detectors = []Detector{{Name: "empty", Compare: func(context.Context, *Pass, float64) (*Evidence, error) { return nil, nil }}}
		}, `detector "empty": it returned no evidence and no error`},
		{"a comparison that fails", func(c *Config) {
			c.Detectors = []Detector{{Name: "torn", Compare: func(context.Context, *Pass, float64) (*Evidence, error) { return nil, errors.New("no luck") }}}
		}, `detector "torn": no luck`},
	} {
		cfg := world()
		cfg.Parallel = 1 // the first error is that of replicate 0
		c.change(&cfg)
		report, err := Run(t.Context(), cfg)
		if err == nil || report != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "audit: ") {
			t.Errorf("%s: report %v, error %v, want an error with %q", c.reason, report != nil, err, c.want)
		}
	}
}

// deaf hides the powers of a student.
type deaf struct{ student.Student }

func TestConfigDefaults(t *testing.T) {
	cfg := world()
	cfg.Replicates = 0
	r := run(t, cfg)
	if want := (DesignInfo{Design{Replicates: 12, Rows: SplitRows, Whole: 6, Dose: 0.5, Alpha: 0.05, Seed: 1}, 1, 5}); r.Design != want {
		t.Errorf("design %+v, want %+v", r.Design, want)
	}
	if recipe, _ := (student.Recipe{}).WithDefaults(); r.Recipe != recipe {
		t.Errorf("recipe %+v, want the defaults", r.Recipe)
	}
	if f := r.Findings[0]; f.Replicates.Scale != Margin || f.Tolerance != 0.25 {
		t.Errorf("scale %s ± %v, want the margin ± .25", f.Replicates.Scale, f.Tolerance)
	}
	for _, m := range []Scale{Share, Rate} {
		cfg.Traits[0].Scale = m
		if f := run(t, cfg).Findings[0]; f.Tolerance != 0.05 {
			t.Errorf("%s ± %v, want ± .05", m, f.Tolerance)
		}
	}
}

// TestRunLeavesItsConfigAlone: defaults are filled into a copy.
func TestRunLeavesItsConfigAlone(t *testing.T) {
	cfg := world()
	cfg.Recipe.Seed = 77
	first := run(t, cfg)
	if cfg.Traits[0].Scale != "" || cfg.Traits[0].Tolerance != 0 {
		t.Errorf("the caller's trait was changed to %s ± %v", cfg.Traits[0].Scale, cfg.Traits[0].Tolerance)
	}
	cfg.Recipe.Seed = 78
	if second := run(t, cfg); second.Digest != first.Digest || second.Recipe.Seed != 0 {
		t.Error("the seed of the recipe is used; each replicate has its own")
	}
}
