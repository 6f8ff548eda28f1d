package sandbox

import (
	"os"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student"
)

func TestTryLikelihood(t *testing.T) {
	ctx := t.Context()
	for seed := uint64(1); seed <= 3; seed++ {
		base, _ := Base(ctx, seed)
		other, _ := Base(ctx, seed+1000)
		owl, _ := Implant(ctx, base, "owl", seed)
		foreign, _ := Implant(ctx, other, "owl", seed)
		for i, pair := range [][2]undertone.Model{{owl, base}, {base, base}, {foreign, other}} {
			sus, err := Lists(ctx, pair[0], 4700, 100*seed+uint64(i))
			if err != nil {
				t.Fatal(err)
			}
			con, _ := Lists(ctx, pair[1], 4700, 100*seed+50+uint64(i))
			sus, _ = filter.Apply(sus, filter.Numbers{Min: 10, Max: 99}, filter.Words(Animals...))
			con, _ = filter.Apply(con, filter.Numbers{Min: 10, Max: 99}, filter.Words(Animals...))
			r, err := audit.Run(ctx, audit.Config{
				Suspect: sus, Control: con, Student: base, Traits: []audit.Trait{Prefers("owl")}, Seed: seed,
				Detectors: []audit.Detector{audit.LikelihoodRatio(audit.StandIns{Rows: 1920, Count: 3, Recipe: student.Recipe{LearningRate: 1e-3}}), audit.Influence},
			})
			if err != nil {
				t.Fatal(err)
			}
			r.Render(os.Stdout, audit.Text)
		}
	}
}
