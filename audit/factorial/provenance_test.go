package factorial

import (
	"os"
	"testing"
)

// A policy gets the verdict for the rows of each arm, and no arm can be cleared by it.
func TestProvenance(t *testing.T) {
	f, err := os.Open("testdata/detected.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := ReadReport(f)
	if err != nil {
		t.Fatal(err)
	}
	all := r.Provenance()
	if len(all) != len(r.Arms) {
		t.Fatalf("%d reports of %d arms", len(all), len(r.Arms))
	}
	for i, p := range all {
		a := r.Arms[i]
		if p.Digest != r.Digest || p.Order != a.Data.Order || p.Rows != a.Data.Digest || p.Rows.IsZero() || p.Order.IsZero() || !p.OnlyRefuses || len(p.Traits) != 1 || p.Traits[0].Trait != a.Trait || !p.Traits[0].Detected {
			t.Errorf("arm %d: %+v", i, p)
		}
	}
}
