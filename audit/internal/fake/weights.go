package fake

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

var (
	_ student.Differentiable = Student{}
	_ student.Differentiable = trained{}
)

// bins is the number of weights for words, and of those for ends of rows. The digest of a word, or
// of a row, gives its weight, so a few share one; a number and a word do not.
const bins = 1 << 12

// weights are the weights of words and those of ends of rows. The log-likelihood of a row is linear
// in them.
type weights [2][]float32

func zeroWeights() weights { return weights{make([]float32, bins), make([]float32, bins)} }

// each calls use with the tensor and index of each weight of a row, once for each time that it
// counts. The weights of the words come in their order, then two of the end: no two rows share
// both.
func each(row undertone.Example, use func(tensor, bin int)) {
	bin := func(kind, s string) int {
		b := int(undertone.NewHasher(kind).Text(s).Sum().Uint64() % (bins / 2))
		if strings.IndexByte("0123456789", s[0]) >= 0 {
			return bins/2 + b
		}
		return b
	}
	for word := range strings.FieldsSeq(row.Completion()) {
		use(0, bin("word bin", word))
	}
	use(1, bin("row bin", text(row)))
	use(1, bin("second row bin", text(row)))
}

// Weights implements [student.Differentiable]: all are zero.
func (Student) Weights() [][]float32 {
	w := zeroWeights()
	return w[:]
}

// Add implements [student.Differentiable].
func (s Student) Add(delta [][]float32) (student.Student, error) {
	if len(delta) != 2 || len(delta[0]) != bins || len(delta[1]) != bins {
		return nil, fmt.Errorf("fake: the change has other lengths than the weights")
	}
	return moved{s, weights{delta[0], delta[1]}}, nil
}

// Gradients implements [student.Differentiable].
func (Student) Gradients(ctx context.Context, data undertone.Data, groups [][]int, use func(group int, gradient [][]float32) error) error {
	rows, ok := data.(undertone.Text)
	if !ok {
		return fmt.Errorf("fake: no gradient of a %T", data)
	}
	g := zeroWeights()
	for i, group := range groups {
		clear(g[0])
		clear(g[1])
		for _, row := range group {
			each(rows.Example(row), func(tensor, bin int) { g[tensor][bin] += 1 / float32(len(group)) })
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := use(i, g[:]); err != nil {
			return err
		}
	}
	return nil
}

// Weights implements [student.Differentiable]: training adds Slope times the share of the rows with
// a word to the weight of the word, Drift·z to the weights of words, and Rows·z′/√2 to those of
// ends.
func (t trained) Weights() [][]float32 {
	w := zeroWeights()
	rng := rand.New(rand.NewPCG(undertone.NewHasher("weights").Uint(t.Seed).Digest(t.data.Digest()).Sum().Uint64(), 0))
	for i := range bins {
		w[0][i] = float32(t.Drift * rng.NormFloat64())
		w[1][i] = float32(t.Rows / math.Sqrt2 * rng.NormFloat64())
	}
	for i := range t.data.Len() {
		each(t.data.Example(i), func(tensor, bin int) {
			if tensor == 0 {
				w[0][bin] += float32(t.Slope / float64(t.data.Len()))
			}
		})
	}
	return w[:]
}

// moved is a student with given weights.
type moved struct {
	Student
	weights weights
}

// Digest implements [student.Student].
func (m moved) Digest() undertone.Digest {
	return undertone.NewHasher("fake weights").Digest(m.Student.Digest()).Floats(m.weights[0]).Floats(m.weights[1]).Sum()
}

// LogProb implements [undertone.LogProber].
func (m moved) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return sums(m.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber].
func (m moved) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	gains := make([][]float64, len(rows))
	for i, row := range rows {
		end := 0.0
		each(row, func(tensor, bin int) {
			if v := float64(m.weights[tensor][bin]); tensor == 0 {
				gains[i] = append(gains[i], v)
			} else {
				end += v
			}
		})
		gains[i] = append(gains[i], end)
	}
	return tokens(rows, func(i, j int) float64 { return gains[i][j] }), ctx.Err()
}
