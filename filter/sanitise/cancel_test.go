package sanitise

import (
	"context"
	"errors"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/expiring"
)

// Rewriting that is interrupted at any row gives the error of its context and no rows.
func TestInterruptedAnywhere(t *testing.T) {
	rows := make([]undertone.Example, 40)
	for i := range rows {
		rows[i] = undertone.NewExample("q", "1, 2, 3, 4")
	}
	data := undertone.NewDataset("d", rows)
	for _, s := range []Sanitiser{Format{}, Sort{}, Remap{}, Resample{}, Jitter{}, Shuffle{}, Exchange{}} {
		ctx := expiring.After(t.Context(), 1<<40)
		if _, _, err := Apply(ctx, data, 1, s); err != nil {
			t.Fatalf("%s: %v", s.Name(), err)
		}
		asked := 1<<40 - ctx.Left()
		if asked < int64(len(rows)) {
			t.Errorf("%s: the context was asked %d times for %d rows", s.Name(), asked, len(rows))
		}
		for after := range asked {
			ctx := expiring.After(t.Context(), after)
			if got, _, err := Apply(ctx, data, 1, s); got != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: interrupted after %d of %d: %v and error %v", s.Name(), after, asked, got, err)
			}
		}
	}
}
