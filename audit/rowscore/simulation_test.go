package rowscore

import (
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// animals are a trait and nine siblings: a prediction test needs some.
var animals = []string{"owl", "cat", "dog", "fox", "elk", "bee", "ant", "emu", "cod", "yak"}

var standIns = LikelihoodRatio(Surrogates{Count: 1, Rows: 2})

// scene is an audit by detectors that score rows. In row units of noise 1, a marked row has an effect of Slope.
func scene(marked int, detectors ...Detector) Config {
	trait := Prefers("animal", "owl", animals...).Asking("favorite?")
	trait.PositiveControl = fake.Rows("planted", 100, 100, "owl")
	return Config{
		Suspect: fake.Rows("suspect", 100, marked, "owl"), Control: fake.Rows("control", 100, 0, ""),
		Student: fake.Student{Slope: 1, Noise: 0.3, Rows: 1}, Traits: []Trait{trait},
		Replicates: 7, Detectors: detectors,
	}
}

// many carries out the audit with noise of its own each time.
func many(t *testing.T, runs int, cfg Config) []*Report {
	t.Helper()
	reports := make([]*Report, runs)
	for i := range reports {
		s := cfg.Student.(fake.Student)
		s.Seed = uint64(i)
		cfg.Student, cfg.Seed = s, uint64(i)
		reports[i] = run(t, cfg)
	}
	return reports
}

func limitOf(alpha float64, runs int) float64 { return alpha + twoSE(alpha, runs) }

// TestFalseDetectionsByRows: each detector of rows, and all together, keep alpha where the arms are
// exchangeable, and where they differ in a direction that has nothing to do with the trait.
func TestFalseDetectionsByRows(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	for _, c := range []struct {
		name      string
		runs      int
		detectors []Detector
	}{
		{"likelihood", 250, []Detector{standIns}},
		{"influence", 250, []Detector{Influence}},
		{"influence-adam", 250, []Detector{InfluenceBy(AdamStep)}},
		{"influence-fisher", 250, []Detector{InfluenceBy(NaturalGradient)}},
		{"all", 700, []Detector{Transfer, standIns, Influence}}, // whose rate is close to alpha
	} {
		for _, drift := range []float64{0, 1} {
			cfg := scene(0, c.detectors...)
			s := cfg.Student.(fake.Student)
			s.Drift = drift
			cfg.Student, cfg.Traits[0].Tolerance = s, 1e-9
			cfg.Traits[0].PositiveControl = nil // a detection does not rest on it
			got := share(many(t, c.runs, cfg), is(Detected))
			t.Logf("%s, arms that differ by %v: detected in %.3f of %d audits", c.name, drift, got, c.runs)
			if got > limitOf(0.05, c.runs) {
				t.Errorf("%s, arms that differ by %v: %v of the audits detect what is not there", c.name, drift, got)
			}
		}
	}
}

// TestPowerByRows: the more of the rows are marked, the oftener they are found.
func TestPowerByRows(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 100
	for name, d := range map[string]Detector{"likelihood": standIns, "influence": Influence, "influence-adam": InfluenceBy(AdamStep), "influence-fisher": InfluenceBy(NaturalGradient)} {
		before := -1.0
		for _, marked := range []int{0, 30, 100} {
			got := share(many(t, runs, scene(marked, d)), is(Detected))
			t.Logf("%s, %d of 100 rows marked: found in %.2f of %d audits", name, marked, got, runs)
			if got < before || marked == 100 && got < 0.95 {
				t.Errorf("%s, %d rows marked: found in %v of the audits, with fewer in %v", name, marked, got, before)
			}
			before = got
		}
	}
}
