package corpus

import (
	"math"
	"slices"
)

// vectors returns the mean of the features of the rows of each unit. The features of a vector have
// ascending numbers.
func (c *featureChannel) vectors(units []unit) [][]feature {
	sum := make([]float64, len(c.vocabulary.keys))
	vectors := make([][]feature, len(units))
	for at, u := range units {
		var ids []int32
		for _, i := range u.rows {
			for _, f := range c.features[i] {
				ids = append(ids, f.id)
				sum[f.id] += float64(f.value)
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		vectors[at] = make([]feature, len(ids))
		for k, id := range ids {
			vectors[at][k] = feature{id, float32(sum[id] / float64(len(u.rows)))}
			sum[id] = 0
		}
	}
	return vectors
}

// eachProduct calls f with the inner product of vectors a and b, and with their lengths, for all
// b <= a.
func (c *featureChannel) eachProduct(vectors [][]feature, f func(a, b int, product, lengthA, lengthB float64)) {
	dense := make([]float64, len(c.vocabulary.keys)) // vector a
	length := make([]float64, len(vectors))
	for a, x := range vectors {
		for _, f := range x {
			dense[f.id] = float64(f.value)
			length[a] += float64(f.value) * float64(f.value)
		}
		length[a] = math.Sqrt(length[a])
		for b := range a + 1 {
			product := 0.0
			for _, f := range vectors[b] {
				product += float64(f.value) * dense[f.id]
			}
			f(a, b, product, length[a], length[b])
		}
		for _, f := range x {
			dense[f.id] = 0
		}
	}
}
