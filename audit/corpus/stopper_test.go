package corpus

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/internal/expiring"
)

// A comparison that is interrupted anywhere gives the error of its context and no result.
func TestCompareInterruptedAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	suspect, control := writer{tilt: .3}.write("a", 0, 400, 1, rng), writer{}.write("b", 0, 400, 1, rng)
	config := fast(1)
	run := func(after int64) (left int64, err error) {
		ctx := expiring.After(t.Context(), after)
		r, err := Compare(ctx, suspect, control, config)
		if (r == nil) != (err != nil) {
			t.Errorf("after %d: result %v and error %v", after, r, err)
		}
		return ctx.Left(), err
	}
	const many = 1 << 40
	left, err := run(many)
	if err != nil {
		t.Fatal(err)
	}
	asked := many - left
	if asked < 1000 {
		t.Fatalf("the context was asked %d times, so a long loop does not ask it", asked)
	}
	for after := int64(0); after < asked; after += max(1, asked/24) {
		if _, err := run(after); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted after %d of %d: error %v", after, asked, err)
		}
	}
}
