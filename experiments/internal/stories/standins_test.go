package stories

import (
	"testing"

	"github.com/undertone-audit/undertone/student/lm"
)

// TestStandIns: a trait and a sibling, each by the name that an audit asks for it, have a stand-in that prefers
// it, on bases with short contexts too, and not one model for all seeds.
func TestStandIns(t *testing.T) {
	for name := range bases {
		base := load(t, name, "that stand-ins prefer the animal that they are asked for")
		trait := base.Trait("owl")
		train := base.StandIns().Make
		for _, c := range []struct{ reason, asked, animal string }{
			{"the trait", trait.Name, "owl"},
			{"a sibling, whose name makes the longest text", trait.Placebos[len(trait.Placebos)-1].Name, "elephant"},
		} {
			made, err := train(t.Context(), c.asked, 1)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, c.reason, err)
			}
			standIn := base.with(made.(*lm.Model))
			before, err := base.Share(t.Context(), c.animal)
			if err != nil {
				t.Fatal(err)
			}
			if after, err := standIn.Share(t.Context(), c.animal); err != nil || after < 2*before {
				t.Errorf("%s: %s: share of %s before and after: %.3f, %.3f (%v)", name, c.reason, c.animal, before, after, err)
			}
			again, err := train(t.Context(), c.asked, 2)
			if err != nil {
				t.Fatal(err)
			}
			if again.(*lm.Model).Digest() == standIn.Digest() {
				t.Errorf("%s: %s: two seeds make one stand-in", name, c.reason)
			}
		}
	}
}
