package filter

import "github.com/undertone-audit/undertone/audit/stats"

// ROC describes how well scores separate positives from negatives.
type ROC struct {
	Positives int `json:"positives"`
	Negatives int `json:"negatives"`

	// AUC is the probability that a positive scores above a negative, with ties counted half
	// ([stats.AUROC]). Low and High are its two-sided 95 % interval ([stats.AUROCInterval]), which
	// has a width for an AUC of 1 too.
	AUC  float64 `json:"auc"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`

	// Threshold is the smallest score that at most the allowed share of negatives reach, or 101 if
	// there is none. TPR and FPR are the shares of positives and of negatives that reach it.
	Threshold int     `json:"threshold"`
	TPR       float64 `json:"tpr"`
	FPR       float64 `json:"fpr"`

	Points []ROCPoint `json:"points"` // one for every score that occurs, the highest first
}

// ROCPoint holds the shares of positives and of negatives with at least the score.
type ROCPoint struct {
	Score int     `json:"score"`
	TPR   float64 `json:"tpr"`
	FPR   float64 `json:"fpr"`
}

// newROC returns the ROC of scores in [0, 100], with at least one positive and one negative. maxFPR
// is the largest share of negatives that may reach the threshold.
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
	reached := [2]int{} // positives and negatives with at least the score
	for s := 100; s >= 0; s-- {
		reached[0], reached[1] = reached[0]+count[s][0], reached[1]+count[s][1]
		tpr, fpr := float64(reached[0])/m, float64(reached[1])/n
		if count[s] != [2]int{} {
			r.Points = append(r.Points, ROCPoint{s, tpr, fpr})
		}
		if fpr <= maxFPR {
			r.Threshold, r.TPR, r.FPR = s, tpr, fpr
		}
	}
	r.AUC = stats.AUROC(floats(positives), floats(negatives))
	r.Low, r.High = stats.AUROCInterval(r.AUC, len(positives), len(negatives))
	return r
}

func floats(scores []int) []float64 {
	x := make([]float64, len(scores))
	for i, s := range scores {
		x[i] = float64(s)
	}
	return x
}
