package profile

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Comparison says how far a data set is from a reference.
type Comparison struct {
	MeanDifference float64  `json:"mean_difference"` // of all numbers: the data set's minus the reference's
	Z              float64  `json:"z"`               // MeanDifference over its standard error; null: equal means; rows are the unit
	Values         Distance `json:"values"`          // between the histograms of numbers
	Formats        Distance `json:"formats"`         // between the shares of formats
}

// Distance is a total variation distance beside what chance alone makes of it.
// Null: the rows of both sets are exchangeable. One-sided, ties count against;
// the floor is the distance after all rows are dealt out again at random.
type Distance struct {
	TV      float64 `json:"tv"`        // from 0 to 1
	Floor   float64 `json:"floor"`     // mean over the permutations
	FloorSD float64 `json:"floor_sd"`  // standard deviation over the permutations
	P       float64 `json:"p"`         // (k+1)/(n+1), with k of n permutations at TV or above
	AtFloor bool    `json:"p_minimal"` // k = 0: p could not be smaller with n permutations
}

// Compare compares p with a reference by n permutations (need >= 2) of their rows.
func Compare(p, reference *Profile, n int, seed uint64) (Comparison, error) {
	if n < 2 {
		return Comparison{}, fmt.Errorf("compare %s with %s: %d permutations, need >= 2", p.Name, reference.Name, n)
	}
	se := math.Hypot(p.seMean, reference.seMean)
	if se == 0 {
		return Comparison{}, fmt.Errorf("compare %s with %s: the rows of each have one mean, so a difference has no scale", p.Name, reference.Name)
	}
	d := p.MeanValue - reference.MeanValue
	return Comparison{
		MeanDifference: d,
		Z:              d / se,
		Values:         distance(&p.values, &reference.values, n, rand.New(rand.NewPCG(seed, 1))),
		Formats:        distance(&p.formats, &reference.formats, n, rand.New(rand.NewPCG(seed, 2))),
	}, nil
}

func distance[K comparable](a, b *table[K], n int, r *rand.Rand) Distance {
	pool := pooled(a, b)
	order := make([]int, pool.rows())
	for i := range order {
		order[i] = i
	}
	d := Distance{TV: pool.split(order[:a.rows()])}
	var sum, squares float64
	reached := 0
	for range n {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		tv := pool.split(order[:a.rows()])
		sum, squares = sum+tv, squares+tv*tv
		// A distance depends on counts alone, so ties are exact.
		if tv >= d.TV {
			reached++
		}
	}
	d.Floor = sum / float64(n)
	d.FloorSD = math.Sqrt(max(0, squares/float64(n)-d.Floor*d.Floor))
	d.P = float64(reached+1) / float64(n+1)
	d.AtFloor = reached == 0
	return d
}
