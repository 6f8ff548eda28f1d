package sanitise_test

import (
	"testing"

	"github.com/undertone-audit/undertone/filter/sanitise"
)

func TestMix(t *testing.T) {
	clean := manyLists(100)
	data := rowsOf("1", "2", "3", "4", "5", "6", "7", "8", "9")
	for _, c := range []struct {
		share float64
		added int // the nearest whole number to 9·share/(1 − share)
	}{{0, 0}, {0.1, 1}, {0.25, 3}, {0.5, 9}, {0.9, 81}} {
		got := apply(t, data, 1, sanitise.Mix{Clean: clean, Share: c.share})
		if got.Len() != 9+c.added || got.Select(upTo(9)).Digest() != data.Digest() {
			t.Errorf("a share of %v adds %d rows, want %d behind the others", c.share, got.Len()-9, c.added)
		}
		if _, err := sanitise.Restore(got, data, clean); err != nil {
			t.Errorf("a share of %v: %v", c.share, err)
		}
		seen := map[string]bool{}
		for i := range c.added {
			seen[got.RowID(9+i).String()] = true
		}
		if len(seen) != c.added {
			t.Errorf("a share of %v takes %d rows for %d", c.share, len(seen), c.added)
		}
	}
}
