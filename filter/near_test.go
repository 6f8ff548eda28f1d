package filter_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// letters returns n random letters, whose runs of 5 are nearly all different.
func letters(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

// jaccard is the index of the sets of runs of 5 bytes, from its definition.
func jaccard(a, b string) float64 {
	sets := [2]map[string]bool{{}, {}}
	for i, s := range []string{a, b} {
		for j := range len(s) - 4 {
			sets[i][s[j:j+5]] = true
		}
	}
	both := 0
	for s := range sets[0] {
		if sets[1][s] {
			both++
		}
	}
	return float64(both) / float64(len(sets[0])+len(sets[1])-both)
}

// TestNearDuplicatesCurve counts pairs of texts with a known Jaccard index and compares
// with the s-curve; 5 standard errors of a binomial share are allowed.
func TestNearDuplicatesCurve(t *testing.T) {
	const pairs = 300
	for _, c := range []struct {
		shared, extra int // letters of both texts, and letters that each text has of its own
		n             filter.NearDuplicates
	}{
		{200, 100, filter.NearDuplicates{}},
		{200, 50, filter.NearDuplicates{}},
		{200, 30, filter.NearDuplicates{}},
		{200, 10, filter.NearDuplicates{}},
		{200, 100, filter.NearDuplicates{Bands: 4, PerBand: 2}},
		{2000, 500, filter.NearDuplicates{}},
		{2000, 200, filter.NearDuplicates{}},
		{50, 10, filter.NearDuplicates{}},
		{50, 5, filter.NearDuplicates{}},
		{20, 5, filter.NearDuplicates{}},
		{20, 2, filter.NearDuplicates{}},
		{12, 1, filter.NearDuplicates{}},
		{50, 10, filter.NearDuplicates{Shingle: 5, Bands: 2, PerBand: 1}},
	} {
		r := rand.New(rand.NewPCG(1, uint64(c.extra)))
		found, want, variance := 0, 0.0, 0.0
		for range pairs {
			common := letters(r, c.shared)
			a, b := common+letters(r, c.extra), common+letters(r, c.extra)
			_, stats := apply(t, undertone.NewDataset("d", rowsOf(a, b)), withPart(c.n, filter.Completions))
			found += stats.Dropped
			p := c.n.Probability(jaccard(a, b))
			want, variance = want+p, variance+p*(1-p)
		}
		if math.Abs(float64(found)-want) > 5*math.Sqrt(variance)+0.5 {
			t.Errorf("%d letters of %d differ, %v: %d of %d pairs found, want %.1f ± %.1f", c.extra, c.shared+c.extra, c.n, found, pairs, want, math.Sqrt(variance))
		}
	}
}

func withPart(n filter.NearDuplicates, of filter.Part) filter.NearDuplicates {
	n.Of = of
	return n
}

// The figures of the doc comment, from 1 − (1 − J^8)^16.
func TestNearDuplicatesProbability(t *testing.T) {
	for _, c := range []struct{ j, want float64 }{{0, 0}, {.5, .0607}, {.7, .6133}, {.8, .9470}, {.9, .9999}, {1, 1}} {
		if got := (filter.NearDuplicates{}).Probability(c.j); math.Abs(got-c.want) > 5e-5 {
			t.Errorf("probability at %v is %.5f, want %v", c.j, got, c.want)
		}
	}
}

func TestNearDuplicates(t *testing.T) {
	long := "The quick brown fox jumps over the lazy dog, and the dog looks up at the fox for a while."
	for _, c := range []struct {
		reason string
		of     filter.Part
		rows   []string
		want   []int
	}{
		{"one letter of 90 differs", filter.Completions, []string{"q", long, "r", strings.Replace(long, "lazy", "hazy", 1)}, []int{0}},
		{"exact copies", filter.Completions, []string{"q", "1, 2", "r", "1, 2"}, []int{0}},
		{"case and white space", filter.Completions, []string{"q", long, "r", strings.ToUpper(strings.ReplaceAll(long, " ", "\n"))}, []int{0}},
		{"another text", filter.Completions, []string{"q", long, "r", "Nothing of the kind is said in this other sentence at all."}, []int{0, 1}},
		{"shorter than a shingle, and different", filter.Completions, []string{"q", "1", "r", "2", "s", ""}, []int{0, 1, 2}},
		{"empty texts are equal", filter.Completions, []string{"q", "", "r", ""}, []int{0}},
		{"prompts", filter.Prompts, []string{long, "1", long + ".", "2", "Another question", "3"}, []int{0, 2}},
		{"not UTF-8", filter.Completions, []string{"q", "\xff\xfe", "r", "\xff\xfe"}, []int{0}},
	} {
		data := askAll(c.rows...)
		kept, _ := apply(t, data, filter.NearDuplicates{Of: c.of})
		if want := data.Select(c.want); kept.Digest() != want.Digest() {
			t.Errorf("%s: kept %q, want rows %v", c.reason, completions(kept), c.want)
		}
	}
}

func TestNearDuplicatesForget(t *testing.T) {
	data := undertone.NewDataset("d", rowsOf("one", "two", "three", "one"))
	for window, want := range map[int]int{1: 4, 2: 4, 3: 3} {
		kept, _ := apply(t, data, filter.NearDuplicates{Of: filter.Completions, Window: window})
		if kept.Len() != want {
			t.Errorf("window %d keeps %d rows, want %d", window, kept.Len(), want)
		}
	}
}

func TestNearDuplicatesSettings(t *testing.T) {
	for _, c := range []struct {
		reason string
		f      filter.NearDuplicates
		want   string
	}{
		{"defaults", filter.NearDuplicates{}, "of rows, shingles of 5, 16 bands of 8, window 262144"},
		{"what makes no sense is the least that does", filter.NearDuplicates{Shingle: -1, Bands: -1, PerBand: -1, Window: -1}, "of rows, shingles of 1, 1 bands of 1, window 1"},
		{"what would take all memory is limited", filter.NearDuplicates{Bands: 1 << 30, PerBand: 1 << 30}, "of rows, shingles of 5, 4096 bands of 1, window 262144"},
	} {
		if got := c.f.String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}

func FuzzNearDuplicates(f *testing.F) {
	f.Add("1, 2, 3", "1, 2, 4")
	f.Add("", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		data := undertone.NewDataset("d", rowsOf(a, b, a, b))
		kept, stats := apply(t, data, filter.NearDuplicates{Of: filter.Completions})
		if kept.Len() > 2 || !slices.Equal(completions(kept)[:1], []string{a}) {
			t.Errorf("%q, %q and the same again: kept %q", a, b, completions(kept))
		}
		if exact, _ := apply(t, data, filter.Duplicates{Of: filter.Completions}); exact.Len() < stats.Kept {
			t.Errorf("%q, %q: near duplicates keep %d rows, exact ones %d", a, b, stats.Kept, exact.Len())
		}
	})
}

func BenchmarkNearDuplicates(b *testing.B) {
	for _, runes := range []int{50, 1000} {
		b.Run(fmt.Sprintf("runes=%d", runes), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			f := filter.NearDuplicates{Of: filter.Completions}.Start()
			rows := make([]undertone.Example, 256)
			for i := range rows {
				rows[i] = undertone.NewExample("q", letters(r, runes))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				f.Reasons(rows[i%len(rows)])
			}
		})
	}
}
