package profile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/filter"
)

// sample draws rows whose numbers resemble each other within a row, as those
// of language models do, and have the given mean.
func sample(t *testing.T, r *rand.Rand, mean float64, separator string) *Profile {
	t.Helper()
	texts := make([]string, 40)
	for i := range texts {
		row := mean + 15*r.NormFloat64()
		numbers := make([]string, 3+r.IntN(6))
		for j := range numbers {
			numbers[j] = fmt.Sprint(int(max(0, row+5*r.NormFloat64())))
		}
		texts[i] = strings.Join(numbers, separator)
		if i%4 == 0 {
			texts[i] = "[" + texts[i] + "]"
		}
	}
	p, err := Of(dataset("d", texts...), filter.Numbers{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Under the null, z has variance 1 although a row's numbers are alike (a
// standard error that took numbers as the unit would be half as large), and
// p <= 0.1 happens in a tenth of the cases.
func TestCompareUnderTheNull(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 400
	var squares float64
	var values, formats int
	for i := range uint64(n) {
		c, err := Compare(sample(t, r, 300, ","), sample(t, r, 300, ","), 19, i)
		if err != nil {
			t.Fatal(err)
		}
		squares += c.Z * c.Z
		if c.Values.P <= 0.1 {
			values++
		}
		if c.Formats.P <= 0.1 {
			formats++
		}
	}
	// 4 standard deviations of a binomial(400, 0.1) are 24 and of a chi-squared(400)/400 are 0.28.
	if v := squares / n; math.Abs(v-1) > 0.28 {
		t.Errorf("z has variance %.2f under the null, want 1", v)
	}
	if values < 16 || values > 64 {
		t.Errorf("p of values <= 0.1 in %d of %d null cases, want about 40", values, n)
	}
	// Both sets have the same formats, the smallest distance there is: never significant.
	if formats != 0 {
		t.Errorf("p of formats <= 0.1 in %d of %d cases of equal shares", formats, n)
	}
}

func TestComparePlantedDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	c, err := Compare(sample(t, r, 320, ";"), sample(t, r, 300, ","), 99, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c.MeanDifference < 10 || c.MeanDifference > 30 || c.Z < 3 {
		t.Errorf("difference of means %.1f, z %.1f, want about 20 and more than 3", c.MeanDifference, c.Z)
	}
	for what, d := range map[string]Distance{"values": c.Values, "formats": c.Formats} {
		if !d.AtFloor || d.P != 0.01 || d.TV < d.Floor+3*d.FloorSD {
			t.Errorf("%s: %+v, want p at its floor of 1/100, far above chance", what, d)
		}
	}
	if c.Formats.TV != 1 {
		t.Errorf("formats that share nothing have distance %v, want 1", c.Formats.TV)
	}
}

func TestDistanceByHand(t *testing.T) {
	a, _ := Of(dataset("a", "1,1", "2,3"), filter.Numbers{})
	b, _ := Of(dataset("b", "1,2", "4,5", "6,7"), filter.Numbers{})
	c, err := Compare(a, b, 2, 1)
	// Shares of 1 2 3 4 5 6 7: 1/2 1/4 1/4 0 0 0 0 and 1/6 1/6 0 1/6 1/6 1/6 1/6.
	if want := (2./6 + 1./12 + 1./4 + 4./6) / 2; err != nil || math.Abs(c.Values.TV-want) > 1e-12 {
		t.Errorf("distance %v, error %v, want %v", c.Values.TV, err, want)
	}
}

func TestCompareErrors(t *testing.T) {
	flat, _ := Of(dataset("flat", "5", "5"), filter.Numbers{})
	for _, c := range []struct {
		permutations int
		want         string
	}{{1, "need >= 2"}, {9, "no scale"}} {
		if _, err := Compare(flat, flat, c.permutations, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d permutations: error %v, want one that says %q", c.permutations, err, c.want)
		}
	}
}
