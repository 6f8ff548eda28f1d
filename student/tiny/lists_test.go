package tiny

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	want := []string{"7, 80", "7,80", "7; 80", "7 80", "7\n80", "[7, 80]", "(7, 80)", "[7;80]"}
	for i, f := range Formats() {
		if got := f.List([]int{7, 80}); got != want[i] {
			t.Errorf("format %d: %q, want %q", i, got, want[i])
		}
	}
}

func TestListsDependOnSeedAndIndex(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(2) {
		for i := range 4000 {
			p := Lists{seed}.At(i)
			if p != (Lists{seed}).At(i) || !strings.Contains(p, ": ") {
				t.Fatalf("prompt %d of seed %d is %q", i, seed, p)
			}
			seen[p] = true
		}
	}
	if len(seen) < 7990 {
		t.Errorf("%d of 8000 prompts are different", len(seen))
	}
}
