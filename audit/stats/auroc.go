package stats

import (
	"math"
	"slices"
)

// AUROC returns the area under the receiver operating characteristic: the probability that a
// positive score exceeds a negative score, in [0, 1]. Ties count half. It is the Mann–Whitney U
// (Mann & Whitney 1947) divided by the number of pairs. 0.5 is chance. It is NaN without positives
// or negatives, and if any score is NaN.
func AUROC(positives, negatives []float64) float64 {
	positives, negatives = slices.Clone(positives), slices.Clone(negatives)
	slices.Sort(positives)
	slices.Sort(negatives)
	if nanFirst(positives) || nanFirst(negatives) {
		return math.NaN()
	}
	wins, below, upTo := 0.0, 0, 0
	for _, s := range positives {
		for below < len(negatives) && negatives[below] < s {
			below++
		}
		upTo = max(upTo, below)
		for upTo < len(negatives) && negatives[upTo] <= s {
			upTo++
		}
		wins += float64(below+upTo) / 2
	}
	return wins / (float64(len(positives)) * float64(len(negatives)))
}

// nanFirst reports whether sorted scores hold a NaN: [slices.Sort] puts them first.
func nanFirst(sorted []float64) bool { return len(sorted) > 0 && math.IsNaN(sorted[0]) }

// AUROCStandardError returns the standard error of [AUROC] by DeLong, DeLong & Clarke-Pearson
// (1988): from the variance of the placements, which are the shares of the other class that each
// score exceeds. The units are the scores, which must be independent. It is 0 for an area of 0 or
// 1, and NaN if a class has fewer than 2 scores or any score is NaN.
func AUROCStandardError(positives, negatives []float64) float64 {
	area, variance := AUROC(positives, negatives), 0.0
	add := func(n int, placement func(i int) float64) {
		sum := 0.0
		for i := range n {
			d := placement(i) - area
			sum += d * d
		}
		variance += sum / float64(n-1) / float64(n)
	}
	add(len(positives), func(i int) float64 { return AUROC(positives[i:i+1], negatives) })
	add(len(negatives), func(j int) float64 { return AUROC(positives, negatives[j:j+1]) })
	return math.Sqrt(variance)
}

// AUROCInterval returns the two-sided 95 % interval of an area that was estimated from the given
// numbers of positives and negatives: method 5 of Newcombe (Statistics in Medicine 25:559, 2006).
// The limits are the areas a with |area − a| = z·√V(a), where V is the variance of Hanley & McNeil
// with both sample sizes in its last terms replaced by their mean. The interval has a width for an
// area of 0 or 1 too. The units are the scores, which must be independent.
func AUROCInterval(area float64, positives, negatives int) (low, high float64) {
	const z = 1.959963984540054 // 97.5 % point of the standard normal
	m, n := float64(positives), float64(negatives)
	mean := (m+n)/2 - 1
	outside := func(a float64) bool {
		v := a * (1 - a) * (1 + mean*(1-a)/(2-a) + mean*a/(1+a)) / (m * n)
		return math.Abs(area-a) > z*math.Sqrt(v)
	}
	limit := func(in, out float64) float64 {
		if !outside(out) {
			return out
		}
		for range 60 {
			if mid := (in + out) / 2; outside(mid) {
				out = mid
			} else {
				in = mid
			}
		}
		return in
	}
	return limit(area, 0), limit(area, 1)
}
