package rowscore

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// The three preconditionings run in one audit on one store. They have different scores, and only
// those whose scores add up as influence does have an overt dose.
func TestPreconditionings(t *testing.T) {
	cfg := fakeaudit.Scene(60, InfluenceBy(Gradient), InfluenceBy(AdamStep), InfluenceBy(NaturalGradient))
	cfg.Traits[0].Placebos = cfg.Traits[0].Placebos[:5]
	cfg.Control = fake.Rows("control", 100, 50, "owl") // the Fisher information of the word is not zero
	cfg.Store = new(undertone.MemoryStore)
	found := fakeaudit.Run(t, cfg).Findings
	for i, want := range []struct {
		name string
		dose bool
	}{{"influence-gradient", true}, {"influence-adam", false}, {"influence-fisher", true}} {
		f := found[i]
		if f.Detector != want.name || (f.RowScores.OvertDose != nil) != want.dose {
			t.Errorf("finding %d is by %s with dose %v, want %+v", i, f.Detector, f.RowScores.OvertDose, want)
		}
		for _, other := range found[:i] {
			if f.RowScores.Suspect.Raw == other.RowScores.Suspect.Raw {
				t.Errorf("%s and %s have the same scores", f.Detector, other.Detector)
			}
		}
	}
}

// The Adam step of each trait uses the overt rows of that trait: the scores of a trait do not
// depend on the other traits of the audit.
func TestPreconditioningOfSeveralTraits(t *testing.T) {
	cfg := fakeaudit.Scene(60, InfluenceBy(AdamStep))
	second := fakeaudit.Prefers("owl", "owl", "elk", "hen", "ape", "gnu")
	second.Name = "prefers animal owl, of other animals"
	cfg.Traits = []audit.Trait{cfg.Traits[0], second}
	both := fakeaudit.Run(t, cfg).Findings
	for i, trait := range cfg.Traits {
		cfg.Traits = []audit.Trait{trait}
		alone := fakeaudit.Run(t, cfg).Findings[0]
		if both[i].RowScores.Suspect.Raw != alone.RowScores.Suspect.Raw || both[i].Effect != alone.Effect {
			t.Errorf("trait %d: effect %+v, without the other trait %+v", i, both[i].Effect, alone.Effect)
		}
	}
}

func TestUnknownPreconditioning(t *testing.T) {
	_, err := audit.Run(t.Context(), fakeaudit.Scene(0, InfluenceBy("third")))
	want := `preconditioning "third" is not known; want "gradient", "fisher" or "adam"`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
