package audit

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// carrier is an audit whose suspect carries the trait: the honest verdict is detected.
func carrier() Config {
	cfg := world()
	cfg.Suspect = fake.Rows("marked", 240, 240, "owl")
	return cfg
}

// A detector that changes its pass, or the configuration that it is shown, changes nothing for
// others.
func TestDetectorsCannotChangeTheAudit(t *testing.T) {
	compare := func(change func(p *Pass)) Detector {
		return Detector{Name: "meddler", Compare: func(_ context.Context, p *Pass, _ float64) (*Evidence, error) {
			change(p)
			return &Evidence{Statement: "nothing", P: stats.PValue{P: 1, Floor: 1}, Top: []RowScore{}}, nil
		}}
	}
	clean := fake.Rows("clean", 240, 0, "")
	for reason, d := range map[string]Detector{
		"other suspect rows":        compare(func(p *Pass) { p.Suspect = clean }),
		"a larger tolerance":        compare(func(p *Pass) { p.Traits[0].Tolerance = 30 }),
		"another target":            compare(func(p *Pass) { p.Traits[0].Target[0] = 1 }),
		"another outcome":           compare(func(p *Pass) { p.Traits[0].Probes[0].Outcomes[0] = "cat" }),
		"more replicates":           compare(func(p *Pass) { p.Replicates = 40 }),
		"traits of the replicates":  compare(func(p *Pass) { p.Training().Traits()[0].Target[0] = 1 }),
		"the requirements function": {Name: "meddler", Compare: compare(func(*Pass) {}).Compare, Requires: func(c Config) error { c.Traits[0].Target[0], c.Detectors[1] = 1, Detector{}; return nil }},
	} {
		cfg := carrier()
		want := run(t, cfg)
		cfg.Detectors = []Detector{d, Transfer}
		got := run(t, cfg)
		if got.Verdict != Detected || got.Findings[0].Effect != want.Findings[0].Effect || cfg.Traits[0].Target[0] != 0 {
			t.Errorf("%s: %s, effect %+v, want %+v", reason, got.Verdict, got.Findings[0].Effect, want.Findings[0].Effect)
		}
	}
}

// A copy of Transfer with other functions is not Transfer.
func TestCopiesOfTransferAreNotTransfer(t *testing.T) {
	d := Transfer
	d.Judge = func(_ Measurement, l Level) Judgement {
		return Judgement{Verdict: Undetected, Reasons: []string{"trust me"}, Interval: Interval{-1, 9, l.Confidence()}}
	}
	for name, want := range map[string]string{"transfer": "is reserved for audit.Transfer", "transfer ": "want lower-case letters", "Transfer": "want lower-case letters", "": "has no name"} {
		cfg := carrier()
		d.Name = name
		cfg.Detectors = []Detector{d}
		if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", name, err, want)
		}
	}
}

// Panics of detectors, students and probes are errors that name them.
func TestPanicsAreErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Config)
		want   string
	}{
		{"Measure", func(c *Config) {
			d := measured("rogue", 1, nil)
			d.Measure = func(context.Context, *Pass) ([]Measurement, error) { panic("bang") }
			c.Detectors = []Detector{d}
		}, `detector "rogue": Measure panicked: bang`},
		{"Judge", func(c *Config) {
			c.Detectors = []Detector{measured("rogue", 1, func(Measurement, Level) Judgement { panic("bang") })}
		}, `Judge panicked: bang`},
		{"Compare", func(c *Config) {
			c.Detectors = []Detector{{Name: "rogue", Compare: func(context.Context, *Pass, float64) (*Evidence, error) { panic("bang") }}}
		}, `detector "rogue": Compare panicked: bang`},
		{"Train", func(c *Config) {
			s := c.Student.(fake.Student)
			s.OnTrain = func(context.Context) error { panic("bang") }
			c.Student = s
		}, "control, all rows, replicate 0: the student or a probe panicked: bang"},
		{"Ask", func(c *Config) {
			c.Traits[0].Probes[0].Ask = func(context.Context, student.Student) ([]float64, error) { panic("bang") }
		}, "before, replicate 0: the student or a probe panicked: bang"},
		{"a nil data set behind an interface", func(c *Config) { c.Suspect = (*undertone.Dataset)(nil) }, "the suspect data set has no rows"},
		{"a nil positive control behind an interface", func(c *Config) { c.Traits[0].PositiveControl = (*undertone.Dataset)(nil) }, "the positive control has no rows"},
		{"a student that returns none", func(c *Config) { c.Student = barren{c.Student.(fake.Student)} }, "Train returned no student and no error"},
		{"a student without a digest", func(c *Config) { c.Student = nameless{c.Student.(fake.Student)} }, "the digest of the student is zero"},
		{"data that selects other rows", func(c *Config) { c.Control = shifty{c.Control.(*undertone.Dataset)} }, "Select of data set \"control\" returns other rows than asked for"},
		{"a trait twice", func(c *Config) { c.Traits = append(c.Traits, c.Traits[0]) }, `trait "prefers animal owl" is listed twice`},
		{"an outcome twice", func(c *Config) { c.Traits[0] = Prefers("animal", "owl", "owl", "owl", "cat") }, `lists the outcome "owl" twice`},
		{"a probe twice", func(c *Config) { c.Traits[0] = c.Traits[0].Asking("a?", "a?") }, `probe 1 ("a?") is listed twice`},
		{"a placebo that is the trait", func(c *Config) { c.Traits[0].Placebos[0].Target = []int{0} }, `placebo "cat" has the target of the trait`},
	} {
		cfg := carrier()
		cfg.Parallel = 1
		c.change(&cfg)
		if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

type barren struct{ fake.Student }

func (barren) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return nil, nil
}

type nameless struct{ fake.Student }

func (nameless) Digest() undertone.Digest { return undertone.Digest{} }

type shifty struct{ *undertone.Dataset }

func (s shifty) Select(rows []int) undertone.Data {
	other := make([]int, len(rows))
	for i, r := range rows {
		other[i] = (r + 1) % s.Len()
	}
	return s.Dataset.Select(other)
}

// A detector that ignores its context ends the audit with the error of the context.
func TestContextEndsTheAudit(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := measured("deaf", 1, nil)
	honest := d.Measure
	d.Measure = func(c context.Context, p *Pass) ([]Measurement, error) { cancel(); return honest(c, p) }
	cfg := carrier()
	cfg.Detectors = []Detector{d}
	if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// swapped is a store that returns for each key the value that was put under another key.
type swapped struct{ undertone.MemoryStore }

func (s *swapped) Get(key undertone.Digest) ([]byte, bool, error) {
	for k, v := range s.All() {
		if k != key {
			return v, true, nil
		}
	}
	return nil, false, nil
}

// Values of a store that were exchanged are found, said and computed again.
func TestSwappedValuesAreFound(t *testing.T) {
	cfg := carrier()
	store := new(swapped)
	cfg.Store = &store.MemoryStore
	want := run(t, cfg)
	var said []string
	cfg.Store, cfg.Warn = store, func(w string) { said = append(said, w) }
	if got := run(t, cfg); got.Digest != want.Digest {
		t.Errorf("exchanged values give the report %s, want %s", got.Digest.Short(), want.Digest.Short())
	}
	if len(said) == 0 || !strings.Contains(said[0], "it belongs to the key") {
		t.Errorf("warnings %q, want the other key", said)
	}
}
