package corpus

import (
	"slices"
	"testing"
)

// shapes returns how often each shape feature occurs in a list.
func shapes(v ...int) map[key]int {
	count := map[key]int{}
	emitShape(&row{numbers: v}, func(k key, _ float64) { count[k]++ })
	return count
}

func TestShape(t *testing.T) {
	of := func(what shapeFeature, x int) key { return key{shape, uint64(what), uint64(int64(x))} }
	for _, c := range []struct {
		reason string
		list   []int
		has    key
		want   int
	}{
		{"the tens fall by five, once", []int{181, 131}, of(tensStep, -5), 1},
		{"steps are modulo 10", []int{909, 110}, of(digitSteps3, 211), 1},
		{"hundreds stay", []int{512, 543}, of(keptDigits, 4), 1},
		{"the first digit is the last digit of the number before", []int{127, 745}, of(takenDigits, 4), 1},
		{"each 7 is shared once", []int{771, 207}, of(sharedCount, 1), 1},
		{"456 rotates twice", []int{456, 564, 645}, of(rearranged, 1), 2},
		{"a repeated number is not rearranged", []int{456, 456}, of(rearranged, 0), 1},
		{"steps of 111, up and down", []int{222, 333, 222}, of(roundStep, 111), 2},
		{"the first and last digits are equal", []int{121}, of(equalDigits, 1), 1},
		{"half of the numbers repeat at lag 2", []int{1, 2, 1, 2}, of(lagEqual+2, 4), 1},
		{"three steps of eight numbers repeat", []int{0, 1, 2, 3, 4, 9, 8, 0}, of(lagStep+1, 3), 1},
		{"two distinct numbers among four", []int{5, 5, 6, 6}, of(distinct, 4), 1},
		{"odd, even, odd", []int{1, 2, 3}, of(oddPattern, 5), 1},
		{"sevens everywhere", []int{777, 777}, of(digitShare+7, 24), 1},
		{"a gap of 4 to 7", []int{109, 104}, of(gap, 3), 1},
		{"the smallest", []int{900, 60}, of(rankSize, 1), 1},
		{"the first position", []int{900, 60}, of(firstDigit, 9), 1},
	} {
		if got := shapes(c.list...)[c.has]; got != c.want {
			t.Errorf("%s: %v has it %d times, want %d", c.reason, c.list, got, c.want)
		}
	}
}

// The codes of features by position, lag, digit or rank do not overlap.
func TestShapeCodes(t *testing.T) {
	bases := []shapeFeature{gap, firstDigit, lastDigit, positionSize, lagEqual, lagStep, digitShare, digitsMissing, digitMost, rankSize}
	for i := 1; i < len(bases); i++ {
		if bases[i]-bases[i-1] < 10 {
			t.Errorf("codes %d and %d overlap", bases[i-1], bases[i])
		}
	}
	if !slices.IsSorted(bases) {
		t.Errorf("codes %v are not in order", bases)
	}
}

// Shares do not depend on the length of the list.
func TestShapeOfLongerLists(t *testing.T) {
	short, long := shapes(slices.Repeat([]int{123, 456}, 4)...), shapes(slices.Repeat([]int{123, 456}, 40)...)
	for _, k := range []key{{shape, uint64(digitShare + 4), 4}, {shape, uint64(distinct), 2}, {shape, uint64(even), 4}} {
		if short[k] != 1 {
			t.Errorf("8 numbers lack %+v", k)
		}
		if k.a != uint64(distinct) && long[k] != 1 {
			t.Errorf("80 numbers lack %+v", k)
		}
	}
	if shapes()[key{}] != 0 || len(shapes()) != 0 {
		t.Error("an empty list has a shape")
	}
}
