package match

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// rows returns a data set of "prompt: completion" texts.
func rows(name string, texts ...string) *undertone.Dataset {
	var all []undertone.Example
	for _, text := range texts {
		prompt, completion, _ := strings.Cut(text, ": ")
		all = append(all, undertone.NewExample(prompt, completion))
	}
	return undertone.NewDataset(name, all)
}

func mustPair(t *testing.T, suspect, control *undertone.Dataset, filters ...filter.Filter) *Pair {
	t.Helper()
	p, err := Rows(t.Context(), suspect, control, filters...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRows(t *testing.T) {
	p := mustPair(t,
		rows("s", "a: 1", "a: 2", "a: 3", "b: 4", "c: owl", "d: 5", "d: 6"),
		rows("k", "a: 7", "a: 8", "b: x", "c: 9", "d: 10", "e: 11", "e: 12"),
		filter.Numbers{})
	// The filter drops b and c in one arm each. e is in one arm. a has 3 rows against 2, d has 2
	// against 1.
	if p.Suspect.Len() != 3 || p.Control.Len() != 3 || p.Prompts() != 2 {
		t.Fatalf("%d and %d rows of %d prompts, want 3, 3 and 2", p.Suspect.Len(), p.Control.Len(), p.Prompts())
	}
	for i := range 3 {
		if p.Suspect.GroupID(i) != p.Control.GroupID(i) {
			t.Errorf("pair %d answers %q and %q", i, p.Suspect.Example(i).Prompt(), p.Control.Example(i).Prompt())
		}
	}
	s, k := p.Arms[0], p.Arms[1]
	if s.Filters.Dropped != 1 || s.Unmatched != 1 || s.Surplus != 2 || k.Filters.Dropped != 1 || k.Unmatched != 3 || k.Surplus != 0 {
		t.Errorf("suspect %+v\ncontrol %+v", s, k)
	}
	h := p.Suspect.History()
	if want := (undertone.Step{Name: "match by prompt", Settings: "with k", Kept: 3, Dropped: 3}); h[len(h)-1] != want {
		t.Errorf("history %+v, want %+v last", h, want)
	}
}

// For any data every row is counted, the arms have equal numbers of rows of each prompt, every row
// comes from the input, and the order of the rows has no effect.
func TestRowsOfAnyData(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(name string) []string {
		texts := make([]string, rng.IntN(60)+1)
		for i := range texts {
			texts[i] = fmt.Sprintf("q%d: %d", rng.IntN(25), rng.IntN(1200))
		}
		return texts
	}
	for range 200 {
		a, b := random("s"), random("k")
		p, err := Rows(t.Context(), rows("s", a...), rows("k", b...), filter.Numbers{})
		if errors.Is(err, ErrNoPairs) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		for k, texts := range [][]string{a, b} {
			l := p.Arms[k]
			arm := []*undertone.Dataset{p.Suspect, p.Control}[k]
			if l.Filters.Rows != len(texts) || l.Filters.Dropped+l.Unmatched+l.Surplus+arm.Len() != len(texts) {
				t.Fatalf("%d rows in, %d in the pair, arm %+v", len(texts), arm.Len(), l)
			}
			left := slices.Clone(texts)
			for _, row := range arm.All() {
				i := slices.Index(left, row.Prompt()+": "+row.Completion())
				if i < 0 {
					t.Fatalf("row %+v is not in the input, or comes twice", row)
				}
				left = slices.Delete(left, i, i+1)
			}
		}
		for i := range p.Suspect.Len() {
			if p.Suspect.GroupID(i) != p.Control.GroupID(i) {
				t.Fatalf("pair %d has two prompts", i)
			}
		}
		rng.Shuffle(len(a), func(i, j int) { a[i], a[j] = a[j], a[i] })
		rng.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
		q := mustPair(t, rows("s", a...), rows("k", b...), filter.Numbers{})
		for i := range p.Suspect.Len() {
			if p.Suspect.RowID(i) != q.Suspect.RowID(i) || p.Control.RowID(i) != q.Control.RowID(i) {
				t.Fatal("the order of the rows changes the pair")
			}
		}
	}
}

func TestRowsErrors(t *testing.T) {
	if _, err := Rows(t.Context(), nil, rows("k", "a: 1")); err == nil {
		t.Error("no error for a nil data set")
	}
	for _, c := range [][2]*undertone.Dataset{
		{rows("s", "a: 1"), rows("k", "b: 1")},
		{rows("s", "a: 1"), rows("k")},
		{rows("s", "a: owl"), rows("k", "a: 1")},
	} {
		if _, err := Rows(t.Context(), c[0], c[1], filter.Numbers{}); !errors.Is(err, ErrNoPairs) || !strings.Contains(err.Error(), `"k"`) {
			t.Errorf("error %v, want ErrNoPairs with the names", err)
		}
	}
}
