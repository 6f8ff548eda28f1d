package rowscore

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// TestForms: forms can be run in one audit on one store, give results of their own, and only those in which rows
// pull as they do on a student have a dose.
func TestForms(t *testing.T) {
	cfg := scene(60, Influence, InfluenceBy(AdamStep), InfluenceBy(NaturalGradient))
	cfg.Traits[0].Placebos = cfg.Traits[0].Placebos[:5]
	cfg.Control = fake.Rows("control", 100, 50, "owl") // so that the metric of the control rows has something to measure
	cfg.Store = &undertone.MemoryStore{}
	found := run(t, cfg).Findings
	for i, want := range []struct {
		name string
		dose bool
	}{{"influence", true}, {"influence-adam", false}, {"influence-fisher", true}} {
		if f := found[i]; f.Detector != want.name || (f.Scored.Dose != nil) != want.dose {
			t.Errorf("finding %d is by %s with dose %v, want %+v", i, f.Detector, f.Scored.Dose, want)
		}
		for _, other := range found[:i] {
			if found[i].Scored.Suspect.Raw == other.Scored.Suspect.Raw {
				t.Errorf("%s and %s have the same scores", found[i].Detector, other.Detector)
			}
		}
	}
}

func TestUnknownForm(t *testing.T) {
	cfg := scene(0, InfluenceBy("third"))
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), `form "third" is not known`) {
		t.Errorf("error %v", err)
	}
}
