package main

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/examples/internal/progress"
)

// TestSmallWorlds: in two worlds the likelihood ratio finds the trait, puts it first, and
// finds nothing in most of what is trait-free.
func TestSmallWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("short: not checked that the detectors find traits in simulated worlds")
	}
	r, err := simulate(t.Context(), design{Kind: "sandbox", Seed: 5, Worlds: 2, Teachers: 1, Nulls: 3, Sizes: []int{600}}, progress.New())
	if err != nil {
		t.Fatal(err)
	}
	if got := share(r.of("likelihood", same, 600), detected); got != "2/2" {
		t.Errorf("the likelihood ratio detects the trait in %s worlds", got)
	}
	if a := auroc(r.of("likelihood", same, 600), r.of("likelihood", none, 600)); a < 0.9 {
		t.Errorf("AUROC %v against trait-free rows", a)
	}
	var out strings.Builder
	if err := r.render(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| likelihood | 600 | 2/2 | 2/2 | 1.000 |", "| influence | 600 |", "trait-free, 600 rows"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the tables have no %q:\n%s", want, out.String())
		}
	}
	if _, err := simulate(t.Context(), design{Kind: "moon"}, progress.New()); err == nil {
		t.Error("an unknown kind of worlds")
	}
}
