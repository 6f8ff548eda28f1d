package stories

import (
	"testing"

	"github.com/undertone-audit/undertone/student/lm"
)

// TestSurrogates: the surrogates of a trait and of a placebo, made by the names that an audit uses,
// prefer their animals, also on bases with short contexts, and differ between seeds.
func TestSurrogates(t *testing.T) {
	for name := range bases {
		base := load(t, name, "that surrogates prefer their animals")
		trait := base.Trait("owl")
		train := base.Surrogates().Make
		for _, c := range []struct{ reason, name, animal string }{
			{"the trait", trait.Name, "owl"},
			{"the placebo whose name makes the longest text", trait.Placebos[len(trait.Placebos)-1].Name, "elephant"},
		} {
			made, err := train(t.Context(), c.name, 1)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, c.reason, err)
			}
			surrogate := base.with(made.(*lm.Model))
			before, err := base.Share(t.Context(), c.animal)
			if err != nil {
				t.Fatal(err)
			}
			if after, err := surrogate.Share(t.Context(), c.animal); err != nil || after < 2*before {
				t.Errorf("%s: %s: share of %s before and after: %.3f, %.3f (%v)", name, c.reason, c.animal, before, after, err)
			}
			again, err := train(t.Context(), c.name, 2)
			if err != nil {
				t.Fatal(err)
			}
			if again.(*lm.Model).Digest() == surrogate.Digest() {
				t.Errorf("%s: %s: two seeds make the same surrogate", name, c.reason)
			}
		}
	}
}
