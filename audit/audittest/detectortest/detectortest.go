// Package detectortest checks implementations of [audit.Detector].
//
//	func TestDetector(t *testing.T) {
//		detectortest.Test(t, mydetector.Detector, detectortest.Options{})
//	}
//
// [Test] runs the detector in many small audits of simulated data: null data, whose suspect rows
// come from the source of the control rows, and planted data, whose suspect rows carry the trait.
// The student of these audits is arithmetic, so that an audit takes about a millisecond. A detector
// that needs another student or other rows gets them from [Options.World].
package detectortest

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/audit"
)

// Options are how a detector is tested. The zero value of a field means the stated default.
type Options struct {
	// World returns an audit with its own noise for each seed. If planted is set, the suspect rows
	// carry the first trait; otherwise they have the distribution of the control rows. Every trait
	// has a positive control. Detectors are set by Test.
	//
	// The default is an audit of 96 rows per arm and one trait, a preference for "owl" among ten
	// values. Both arms have the same 96 prompts, and all answers differ. The answer of a planted
	// row and of a row of the positive control contains the value, the word "owl"; no other row
	// contains a value. The student is arithmetic and implements the optional interfaces of
	// [undertone.Model] and [student.GradientStepper]. Training on planted rows adds 1.5 to the
	// logit of the value.
	World func(seed uint64, planted bool) audit.Config

	Nulls   int     // null audits for the error rate (default 200; 40 with -short)
	Planted int     // planted audits for the power (default 40; 10 with -short)
	Power   float64 // smallest share of planted audits in which the trait must be found, in [0, 1] (default 0.8)
	Alpha   float64 // error rate of each audit (default 0.05)
}

func (o Options) withDefaults() Options {
	short := testing.Short()
	if o.World == nil {
		o.World = arithmeticWorld
	}
	if o.Nulls == 0 {
		o.Nulls = 200
		if short {
			o.Nulls = 40
		}
	}
	if o.Planted == 0 {
		o.Planted = 40
		if short {
			o.Planted = 10
		}
	}
	if o.Power == 0 {
		o.Power = 0.8
	}
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	return o
}

// Test reports an error for every requirement that the detector does not meet.
//
//   - Declaration: a name, a description, what the detector observes and its limitations; an audit
//     accepts it.
//   - Measure: one valid measurement per trait; the same whatever Parallel is and in whatever order
//     the rows are; the fields of the pass are not changed; ctx's error soon after ctx is done.
//   - Judge: pure, and the same for a measurement that was written as JSON and read; never detected
//     with an adjusted p-value above alpha; a detection holds for every smaller adjusted p-value;
//     an audit does not refuse a judgement.
//   - Error rates: in null audits p-values are at most alpha, and verdicts detected, at a rate of
//     alpha plus three standard errors at most.
//   - Power: the trait is found in at least the share Power of planted audits, and called
//     undetected in alpha plus three standard errors of them at most.
//   - Compare: the same of the evidence.
//   - Rank: every suspect row once, the largest score first; the scores of the tokens of a row sum
//     to its score.
func Test(t testing.TB, d audit.Detector, o Options) {
	t.Helper()
	o = o.withDefaults()
	s := &suite{TB: t, d: d, o: o}
	if !s.declaration() {
		return
	}
	if d.Measure != nil {
		s.measure()
		s.rates()
	} else {
		s.compare()
	}
	if d.Rank != nil {
		s.rank()
	}
}

type suite struct {
	testing.TB
	d audit.Detector
	o Options
}

// world returns an audit by the detector alone.
func (s *suite) world(seed uint64, planted bool) audit.Config {
	cfg := s.o.World(seed, planted)
	cfg.Detectors = []audit.Detector{s.d}
	cfg.Alpha = s.o.Alpha
	return cfg
}

func (s *suite) declaration() bool {
	s.Helper()
	for what, text := range map[string]string{"Name": s.d.Name, "Doc": s.d.Doc, "Observes": s.d.Observes, "Limitations": s.d.Limitations} {
		if text == "" {
			s.Errorf("declaration: %s is empty", what)
		}
	}
	if _, err := audit.NewPass(s.Context(), s.world(0, false)); err != nil {
		s.Errorf("declaration: an audit refuses the detector: %v", err)
		return false
	}
	return true
}

// measurements runs Measure in an audit of its own.
func (s *suite) measurements(ctx context.Context, cfg audit.Config) ([]audit.Measurement, error) {
	pass, err := audit.NewPass(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return pass.Measure(ctx, s.d)
}

func (s *suite) measure() {
	s.Helper()
	for _, planted := range []bool{false, true} {
		cfg := s.world(1, planted)
		first, changed, err := s.watched(cfg)
		for _, field := range changed {
			s.Errorf("Measure changed the field %s of the pass; change a copy", field)
		}
		if err != nil {
			s.Errorf("Measure: %v", err)
			return
		}
		for _, m := range first {
			s.judge(m)
		}
		cfg.Parallel = 1
		s.same("with Parallel = 1", "add results in the order of the rows, whatever the order in which they arrive", first, cfg)
		cfg = s.world(1, planted)
		cfg.Suspect, cfg.Control = reversed(cfg.Suspect), reversed(cfg.Control)
		s.same("with the rows in reverse order", "sort the rows by RowID first", first, cfg)
	}
	s.cancel()
}

// watched runs Measure in an audit of its own, and names the fields of the pass that it changed.
func (s *suite) watched(cfg audit.Config) (measurements []audit.Measurement, changed []string, err error) {
	pass, err := audit.NewPass(s.Context(), cfg)
	if err != nil {
		return nil, nil, err
	}
	d := s.d
	d.Measure = func(ctx context.Context, p *audit.Pass) ([]audit.Measurement, error) {
		before := fields(p)
		m, err := s.d.Measure(ctx, p)
		for i, after := range fields(p) {
			if after != before[i] {
				changed = append(changed, after.name)
			}
		}
		return m, err
	}
	measurements, err = pass.Measure(s.Context(), d)
	return measurements, changed, err
}

// same reports an error with advice if the measurements of an audit are not the given ones. Rows
// have other indices after a change of order, so these are not compared.
func (s *suite) same(reason, advice string, want []audit.Measurement, cfg audit.Config) {
	s.Helper()
	got, err := s.measurements(s.Context(), cfg)
	if err != nil {
		s.Errorf("Measure, %s: %v", reason, err)
		return
	}
	for t := range want {
		if !alike(reflect.ValueOf(got[t]), reflect.ValueOf(want[t])) {
			s.Errorf("Measure, %s: trait %d has another measurement; %s:\n%s\n%s", reason, t, advice, asJSON(got[t]), asJSON(want[t]))
		}
	}
}

// errNone stands for a missing error: an audit hides it with the error of the context.
var errNone = errors.New("no error")

// cancel calls Measure with a context that is done.
func (s *suite) cancel() {
	s.Helper()
	cfg := s.world(2, true)
	pass, err := audit.NewPass(s.Context(), cfg)
	if err != nil {
		s.Errorf("Measure: %v", err)
		return
	}
	ctx, stop := context.WithCancel(s.Context())
	stop()
	failed := make(chan error, 1)
	go func() {
		d := s.d
		d.Measure = func(ctx context.Context, p *audit.Pass) ([]audit.Measurement, error) {
			m, err := s.d.Measure(ctx, p)
			if err == nil {
				err = errNone
			}
			return m, err
		}
		_, err := pass.Measure(ctx, d)
		failed <- err
	}()
	select {
	case err := <-failed:
		if !errors.Is(err, context.Canceled) {
			s.Errorf("Measure with a context that is done: %v, want an error that wraps context.Canceled", err)
		}
	case <-time.After(20 * time.Second):
		s.Errorf("Measure with a context that is done did not return within 20 seconds")
	}
}

// judge checks Judge on one measurement.
func (s *suite) judge(m audit.Measurement) {
	s.Helper()
	stored := throughJSON(s, m)
	detected := -1.0 // largest adjusted p-value that was detected
	for _, p := range []float64{1e-6, 0.001, 0.01, s.o.Alpha, s.o.Alpha * 1.01, 0.2, 1} {
		l := audit.Level{Alpha: s.o.Alpha, Tests: 2, PAdjusted: p}
		before := asJSON(m)
		j := s.d.Judge(m, l)
		if asJSON(m) != before {
			s.Errorf("Judge changed the measurement; change a copy")
		}
		if again := s.d.Judge(m, l); !reflect.DeepEqual(again, j) {
			s.Errorf("Judge is not pure: it returned %s and then %s for the same arguments", asJSON(j), asJSON(again))
		}
		if of := s.d.Judge(stored, l); !reflect.DeepEqual(of, j) {
			s.Errorf("Judge returned %s for a measurement and %s for the same one after it was written as JSON", asJSON(j), asJSON(of))
		}
		if err := s.d.Check(m, l, j); err != nil {
			s.Errorf("Judge with an adjusted p-value of %v: an audit refuses the judgement: %v", p, err)
		}
		if j.Verdict == audit.Detected {
			if p > s.o.Alpha {
				s.Errorf("Judge detects with an adjusted p-value of %v, above alpha = %v", p, s.o.Alpha)
			}
			detected = p
		} else if p < detected {
			s.Errorf("Judge detects with an adjusted p-value of %v, and not with the smaller %v", detected, p)
		}
	}
	for _, p := range []float64{0.001, 0.01} { // smaller ones must be detected, too
		if p < detected && s.d.Judge(m, audit.Level{Alpha: s.o.Alpha, Tests: 2, PAdjusted: p}).Verdict != audit.Detected {
			s.Errorf("Judge detects with an adjusted p-value of %v, and not with the smaller %v", detected, p)
		}
	}
}

// rates checks error rates and power by simulation.
func (s *suite) rates() {
	s.Helper()
	var small, found, missed, cleared int
	for i := range s.o.Nulls {
		r, err := audit.Run(s.Context(), s.world(uint64(1000+i), false))
		if err != nil {
			s.Errorf("null audit %d: %v", i, err)
			return
		}
		if r.Findings[0].P.P <= s.o.Alpha {
			small++
		}
		if r.Verdict == audit.Detected {
			missed++
		}
	}
	for i := range s.o.Planted {
		r, err := audit.Run(s.Context(), s.world(uint64(5000+i), true))
		if err != nil {
			s.Errorf("planted audit %d: %v", i, err)
			return
		}
		switch r.Findings[0].Verdict {
		case audit.Detected:
			found++
		case audit.Undetected:
			cleared++
		}
	}
	s.Logf("null audits: p <= %g in %d and detected in %d of %d; planted audits: detected in %d and undetected in %d of %d",
		s.o.Alpha, small, missed, s.o.Nulls, found, cleared, s.o.Planted)
	s.atMost("null audits with a p-value of at most alpha", small, s.o.Nulls)
	s.atMost("null audits with the verdict detected", missed, s.o.Nulls)
	s.atMost("planted audits with the verdict undetected", cleared, s.o.Planted)
	if share := float64(found) / float64(s.o.Planted); share < s.o.Power {
		s.Errorf("power: the trait is detected in %.2f of %d planted audits, want >= %g", share, s.o.Planted, s.o.Power)
	}
}

// atMost reports an error if k of n is above alpha plus three standard errors.
func (s *suite) atMost(what string, k, n int) {
	s.Helper()
	limit := s.o.Alpha + 3*math.Sqrt(s.o.Alpha*(1-s.o.Alpha)/float64(n))
	if share := float64(k) / float64(n); share > limit {
		s.Errorf("error rate: %s: %.3f of %d, want <= %.3f", what, share, n, limit)
	}
}

func (s *suite) compare() {
	s.Helper()
	differ := func(seed uint64, planted bool) bool {
		r, err := audit.Run(s.Context(), s.world(seed, planted))
		if err != nil {
			s.Errorf("Compare: %v", err)
			return false
		}
		e := r.Evidence[0]
		if e.Measure == "" {
			s.Errorf("Compare: the evidence does not say what its value measures: %s", asJSON(e))
		}
		if again, err := audit.Run(s.Context(), s.world(seed, planted)); err != nil || again.Digest != r.Digest {
			s.Errorf("Compare: two runs on the same data differ (error %v)", err)
		}
		return e.Differ
	}
	null, planted := 0, 0
	for i := range s.o.Nulls {
		if differ(uint64(1000+i), false) {
			null++
		}
	}
	for i := range s.o.Planted {
		if differ(uint64(5000+i), true) {
			planted++
		}
	}
	s.Logf("the arms differ in %d of %d null audits and in %d of %d planted audits", null, s.o.Nulls, planted, s.o.Planted)
	s.atMost("null audits whose arms differ", null, s.o.Nulls)
	if share := float64(planted) / float64(s.o.Planted); share < s.o.Power {
		s.Errorf("power: the arms differ in %.2f of %d planted audits, want >= %g", share, s.o.Planted, s.o.Power)
	}
}
