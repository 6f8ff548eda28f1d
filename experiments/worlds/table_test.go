package main

import (
	"io"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// smallTable is the table of two cells.
func smallTable() table {
	t := table{seed: 900}
	t.add("one world", 1, []string{"likelihood", "corpus"}, "pairs/harm")
	t.addNulls("trait-free rows", 1, 2)
	for i := range t.rounds {
		for k := range t.rounds[i].designs {
			t.rounds[i].designs[k].Sizes, t.rounds[i].designs[k].Untimed = []int{40}, true
		}
	}
	t.rounds[0].designs = append(t.rounds[0].designs, t.rounds[0].designs[0]) // a part that another one repeats
	t.rounds[1].designs = t.rounds[1].designs[:1]
	return t
}

// A run fills the table; a second one and one of stored audits alone print the same.
func TestTable(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that the table of channels is filled")
	}
	store, small := folder(t.TempDir()), smallTable()
	var first, again strings.Builder
	if err := small.print(t.Context(), &first, store, false, progress.New()); err != nil {
		t.Fatal(err)
	}
	if err := small.print(t.Context(), &again, store, true, progress.New()); err != nil || again.String() != first.String() {
		t.Errorf("error %v; the stored table is\n%s\nwant\n%s", err, again.String(), first.String())
	}
	for _, line := range []string{
		"\n| pairs | harm | LoRA | same | ", "\n| pairs | harm | system prompt | same | ", "\n| pairs | harm | LoRA | other | ",
		"\n| pairs | harm | system prompt | other | ", "\ncorpus, which knows no trait:", "\n| numbers | likelihood | 40 | ",
	} {
		if !strings.Contains(first.String(), line) {
			t.Errorf("the table lacks %q:\n%s", line, first.String())
		}
	}
	if strings.Contains(first.String(), "Missing") {
		t.Errorf("a full table misses audits:\n%s", first.String())
	}
	wider := smallTable()
	wider.rounds[1].designs[0].Nulls = 5
	var missing strings.Builder
	if err := wider.print(t.Context(), &missing, store, true, progress.New()); err != nil || !strings.Contains(missing.String(), "Missing audits: 3 of 13.") {
		t.Errorf("error %v; three audits are missing from\n%s", err, missing.String())
	}
}

// A part that fails does not end the others, and is said.
func TestTableGoesOn(t *testing.T) {
	var log strings.Builder
	of := table{rounds: []round{{"first", []design{{Kind: "moon"}, {Kind: "numbers/animal"}}}, {"second", []design{{Kind: "code/harm"}}}}}
	err := of.run(t.Context(), folder(t.TempDir()), progress.New(), &log)
	if err == nil || !strings.Contains(err.Error(), `"moon" is not known`) || strings.Count(log.String(), "\n") != 3 || !strings.Contains(log.String(), "round 2 of 2, second: code/harm, 1 of 1\n") {
		t.Errorf("error %v, log\n%s", err, log.String())
	}
}

// Chosen rounds alone are run and printed.
func TestTableChoosesRounds(t *testing.T) {
	of := table{rounds: []round{{"first", []design{{Kind: "moon"}}}, {"second", []design{{Kind: "code/harm"}}}}}
	if err := of.choose([]int{2}); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	store := folder(t.TempDir())
	if err := of.run(t.Context(), store, progress.New(), &log); err != nil || !strings.Contains(log.String(), "round 2 of 2, second") || strings.Contains(log.String(), "first") {
		t.Errorf("error %v, log\n%s", err, log.String())
	}
	if some, missing, err := of.results(t.Context(), store, progress.New()); err != nil || len(some) != 0 || missing != 0 {
		t.Errorf("error %v: %d results, %d missing", err, len(some), missing)
	}
	if err := of.choose([]int{1, 3}); err == nil || !strings.Contains(err.Error(), "rounds 1 to 2, not 3") {
		t.Errorf("error %v for round 3 of 2", err)
	}
}

func TestTableNeedsAStore(t *testing.T) {
	if err := smallTable().run(t.Context(), "", progress.New(), io.Discard); err == nil || !strings.Contains(err.Error(), "needs -store") {
		t.Errorf("error %v, want that the table needs a store", err)
	}
}

// Every design of the tables can be run, and the full one has ten worlds of the main cells and 200
// trait-free audits of three channels.
func TestTableDesigns(t *testing.T) {
	worlds, nulls := map[string]int{}, map[string]int{}
	for _, of := range []table{fullTable(1), shortTable(1)} {
		for _, r := range of.rounds {
			for _, d := range r.designs {
				if err := d.check(); err != nil {
					t.Errorf("%s: %v", d.Kind, err)
				}
				if d.Teachers > 0 {
					worlds[d.Kind] = max(worlds[d.Kind], d.Worlds)
				}
				nulls[d.Kind] = max(nulls[d.Kind], d.Worlds*d.Nulls)
			}
		}
	}
	if len(worlds) != len(channels)*len(subjects()) {
		t.Errorf("%d kinds of worlds, want %d", len(worlds), len(channels)*len(subjects()))
	}
	for _, c := range []string{"numbers", "code", "reasoning"} {
		if worlds[c+"/animal"] < 10 || worlds[c+"/harm"] < 10 || nulls[c+"/animal"] < 200 {
			t.Errorf("%s: %d worlds and %d trait-free audits, want >= 10 and 200", c, worlds[c+"/animal"], nulls[c+"/animal"])
		}
	}
}

func TestMedianP(t *testing.T) {
	for want, p := range map[string][]float64{"0.300": {0.3}, "0.250": {0.4, 0.1}, "0.400": {0.4, 0.1, 1}, "0.0005": {0.0004, 0.0006}} {
		var some []outcome
		for _, p := range p {
			some = append(some, outcome{P: p})
		}
		if got := medianP(some); got != want {
			t.Errorf("the median of %v is %s, want %s", p, got, want)
		}
	}
}

// A cell says why less than half of its worlds are detected. Rows of noise that could be either do
// not name one reason, and one world never does.
func TestCellsSayWhy(t *testing.T) {
	for _, c := range []struct {
		by    source
		found bool
		bits  []float64 // per row, of each world
		want  string
	}{
		{same, true, []float64{0, 0}, ""},
		{prompted, false, []float64{0.0001, 0.0002, 0.0003}, "capacity"},
		{same, false, []float64{0.5, 0.6, 0.7}, "detector"},
		{same, false, []float64{-0.06, 0.02, 0.05}, "capacity or detector"},
		{prompted, false, []float64{-0.06}, "capacity or detector"},
		{same, false, []float64{0.5}, "capacity or detector"},
		{promptedOther, false, []float64{0.0001, 0.0002}, "other base"},
	} {
		of := cell{source: c.by}
		for _, bits := range c.bits {
			of.outcomes = append(of.outcomes, outcome{task: task{pair: pair{Rows: 1000}}, Found: c.found, Bits: bits})
		}
		if got := of.why(); got != c.want {
			t.Errorf("a cell of %s with %v bits per row is limited by %q, want %q", c.by, c.bits, got, c.want)
		}
	}
	of := cell{outcomes: []outcome{{Bits: 0.1}, {Bits: 0.3}}} // half the interval is 12.706 standard errors of 0.1
	if got := of.bits(); got != "0.200 [-1.071, 1.471]" {
		t.Errorf("the information of a row is %s", got)
	}
	if bits := needed(); bits < 1.19 || bits > 1.20 {
		t.Errorf("a test of power .5 and level .05 needs %v bits, want 1.197", bits)
	}
}
