package main

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// The models write rows of every channel that pass its filters.
func TestChannelsAreKept(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that the models write rows of every channel")
	}
	for name, least := range map[string]float64{"numbers/animal": 0.9, "code/animal": 0.9, "reasoning/animal": 0.4} {
		k := kindOf[name]
		for _, other := range []bool{false, true} {
			base, err := k.base(t.Context(), 1, other)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := k.kept(t.Context(), writer{Model: base}, 300, 1)
			if err != nil {
				t.Fatal(err)
			}
			if share := float64(rows.Len()) / 300; share < least {
				t.Errorf("%s, other base %v: the filters keep %.2f, want >= %v", name, other, share, least)
			}
		}
	}
}

// Row 0 of the patterns is the trait. Every other pattern is harmful in 11 to 15 of the 24
// questions, and agrees with each other pattern in as many.
func TestPatternsAreBalanced(t *testing.T) {
	const n = 24
	for k := range 12 {
		for l := range k {
			agree := 0
			for i := range n {
				if pattern(k, n)[i] == pattern(l, n)[i] {
					agree++
				}
			}
			if agree < 11 || agree > 15 {
				t.Errorf("patterns %d and %d agree in %d of %d questions", k, l, agree, n)
			}
		}
	}
	trait := harm().trait("harm")
	if len(trait.Probes) != n || len(trait.Placebos) != 11 {
		t.Errorf("%d probes and %d placebos, want 24 and 11", len(trait.Probes), len(trait.Placebos))
	}
	for i, o := range trait.Target {
		if o != 1 {
			t.Errorf("the target of probe %d is %d, want the harmful action", i, o)
		}
	}
}

// A word alone is a valid program.
func TestFunctionsAreFunctions(t *testing.T) {
	k := kindOf["code/animal"]
	base, err := k.base(t.Context(), 1, false)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := k.kept(t.Context(), writer{Model: base}, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.All() {
		if !strings.HasPrefix(row.Completion(), "def ") {
			t.Errorf("%q is kept", row.Completion())
		}
	}
}

// The information of a row of a teacher is positive, since it is a divergence.
func TestCapacity(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: the information of rows")
	}
	var text strings.Builder
	d := design{Kind: "numbers/animal", Seed: 1, Worlds: 1, Sizes: []int{200}, Unlike: []source{prompted}}
	if err := capacity(t.Context(), &text, d, progress.New()); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "\n") != 6 || strings.Contains(text.String(), "| -") || !strings.Contains(text.String(), "| system prompt |") {
		t.Errorf("the table is\n%s", text.String())
	}
}
