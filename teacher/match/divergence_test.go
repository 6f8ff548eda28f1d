package match

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/audit/stats"
)

func tableOf(groups ...[2][]string) *table {
	t := new(table)
	for _, g := range groups {
		t.addGroup(g[0], g[1])
	}
	return t
}

func TestJSByHand(t *testing.T) {
	for _, c := range []struct {
		reason string
		table  *table
		want   float64
	}{
		{"equal", tableOf([2][]string{{"a", "b"}, {"b", "a"}}), 0},
		{"nothing in common", tableOf([2][]string{{"a"}, {"b"}}), math.Ln2},
		// p = (3/4, 1/4), q = (1/4, 3/4), m = (1/2, 1/2): ¾ ln 1.5 + ¼ ln .5
		{"halfway", tableOf([2][]string{{"a", "a", "a", "b"}, {"a", "b", "b", "b"}}), 0.75*math.Log(1.5) + 0.25*math.Log(0.5)},
		{"sizes do not count", tableOf([2][]string{{"a", "b"}, {"a", "a", "b", "b"}}), 0},
		{"an arm without words", tableOf([2][]string{{"a"}, nil}), 0},
		{"no groups", tableOf(), 0},
	} {
		if got := c.table.js(c.table.diff); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
}

func TestZByHand(t *testing.T) {
	// Differences of "a" by group: 2, 1, -1: sum 2, root of the squares √6.
	tab := tableOf([2][]string{{"a", "a"}, nil}, [2][]string{{"a", "b"}, {"b"}}, [2][]string{nil, {"a"}})
	z := tab.z(tab.diff)
	if math.Abs(z[0]-2/math.Sqrt(6)) > 1e-12 || z[1] != 0 {
		t.Errorf("z %v, want 2/√6 and 0", z)
	}
}

// Two groups have four permutations, and two of them give the observed divergence: p is about one
// half, and the mean under the null is that of the four.
func TestCompareByHand(t *testing.T) {
	tab := tableOf([2][]string{{"a"}, {"b"}}, [2][]string{{"a"}, {"b"}})
	got := tab.compare(4000, 2, 1, byDifference, rand.New(rand.NewPCG(1, 1)))
	d := got.Divergence
	if d.JS != math.Ln2 || math.Abs(d.P.P-0.5) > 0.03 || math.Abs(d.NullMean-math.Ln2/2) > 0.02 || d.P.Floor != 1./4001 {
		t.Errorf("%+v, want ln 2, a mean of ln(2)/2 under the null and p of 1/2", d)
	}
	want := Share{"a", 100, 0, math.Sqrt2, d.P}
	if len(got.Top) != 1 || got.Categories != 2 || math.Abs(got.Top[0].Z-want.Z) > 1e-12 || got.Top[0].Suspect != 100 || got.Top[0].Control != 0 || got.Top[0].P != d.P {
		t.Errorf("%+v, want %+v of 2", got, want)
	}
}

func TestSwapKeepsTotals(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	tab := new(table)
	for range 200 {
		var arms [2][]string
		for k := range arms {
			for range rng.IntN(6) {
				arms[k] = append(arms[k], string(rune('a'+rng.IntN(8))))
			}
		}
		tab.addGroup(arms[0], arms[1])
	}
	diff := make([]int, len(tab.diff))
	signs := make([]float64, len(tab.groups))
	for range 50 {
		stats.RandomSigns(rng, signs)
		tab.swap(signs, diff)
		for c, d := range diff {
			if (tab.total[c]+d)%2 != 0 || d > tab.total[c] || -d > tab.total[c] {
				t.Fatalf("category %d: difference %d of %d", c, d, tab.total[c])
			}
		}
	}
}
