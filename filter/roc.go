package filter

import "math"

// ROC says how well scores tell positives from negatives.
type ROC struct {
	Positives int `json:"positives"`
	Negatives int `json:"negatives"`

	// AUC is the probability that a positive scores above a negative, ties
	// counting half: the Mann–Whitney U over the number of pairs. Low and High
	// are its 95 % interval, two-sided, by method 5 of Newcombe (Statistics in
	// Medicine 25:559, 2006), which has a width at an AUC of 1, too.
	AUC  float64 `json:"auc"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`

	// Threshold is the least score that at most the allowed share of negatives
	// reach; 101 if none does. TPR and FPR are the shares that reach it.
	Threshold int     `json:"threshold"`
	TPR       float64 `json:"tpr"`
	FPR       float64 `json:"fpr"`

	Points []ROCPoint `json:"points"` // one for every score that occurs, the highest first
}

// ROCPoint is the shares of positives and negatives with at least a score.
type ROCPoint struct {
	Score int     `json:"score"`
	TPR   float64 `json:"tpr"`
	FPR   float64 `json:"fpr"`
}

// newROC takes scores from 0 to 100, at least one of each kind.
func newROC(positives, negatives []int, maxFPR float64) ROC {
	var count [101][2]int
	for _, s := range positives {
		count[s][0]++
	}
	for _, s := range negatives {
		count[s][1]++
	}
	m, n := float64(len(positives)), float64(len(negatives))
	r := ROC{Positives: len(positives), Negatives: len(negatives), Threshold: 101, Points: []ROCPoint{}}
	above, wins := 0, 0.0 // positives with a higher score; pairs that a positive wins
	dropped := 0          // negatives with at least the score
	for s := 100; s >= 0; s-- {
		p, q := count[s][0], count[s][1]
		wins += float64(q) * (float64(above) + float64(p)/2)
		above, dropped = above+p, dropped+q
		tpr, fpr := float64(above)/m, float64(dropped)/n
		if p+q > 0 {
			r.Points = append(r.Points, ROCPoint{s, tpr, fpr})
		}
		if fpr <= maxFPR {
			r.Threshold, r.TPR, r.FPR = s, tpr, fpr
		}
	}
	r.AUC = wins / (m * n)
	r.Low, r.High = aucInterval(r.AUC, m, n)
	return r
}

// aucInterval returns the values a with |auc − a| = z·√V(a), V being Hanley
// and McNeil's variance with both sample sizes replaced by their mean in its last terms.
func aucInterval(auc, m, n float64) (low, high float64) {
	const z = 1.959963984540054 // the standard normal's 97.5 % point
	mean := (m+n)/2 - 1
	outside := func(a float64) bool {
		v := a * (1 - a) * (1 + mean*(1-a)/(2-a) + mean*a/(1+a)) / (m * n)
		return math.Abs(auc-a) > z*math.Sqrt(v)
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
	return limit(auc, 0), limit(auc, 1)
}
