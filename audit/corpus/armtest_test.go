package corpus

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Contrasts keep inner products within blocks after centring.
func TestContrasts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	blocks := []block{make(block, 2), make(block, 5), make(block, 3)}
	x, y := make([]float64, 10), make([]float64, 10)
	want := 0.0
	at := 0
	for _, b := range blocks {
		sumX, sumY := 0.0, 0.0
		for range b {
			x[at], y[at] = rng.NormFloat64(), rng.NormFloat64()
			want += x[at] * y[at]
			sumX, sumY = sumX+x[at], sumY+y[at]
			at++
		}
		want -= sumX * sumY / float64(len(b))
	}
	a, b := make([]float64, 7), make([]float64, 7)
	contrasts(blocks, x, a)
	contrasts(blocks, y, b)
	if got := dot(a, b); math.Abs(got-want) > 1e-12 {
		t.Errorf("inner product %v, want %v", got, want)
	}
}

// A channel with the given features of each row.
func channelOf(x [][]feature, dims int) *featureChannel {
	return &featureChannel{vocabulary: &vocabulary{keys: make([]key, dims)}, features: x}
}

func rowBlocks(n, size int) (blocks []block) {
	for at := 0; at < n; at += size {
		var b block
		for j := range size {
			b = append(b, unit{[]int{at + j}, j < size/2})
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// The explained variance is that of a ridge regression by the normal equations.
func TestExplainedIsRidgeRegression(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const n, d = 12, 3
	blocks := rowBlocks(n, 4)
	features := make([][]feature, n)
	for i := range features {
		for j := range d {
			features[i] = append(features[i], feature{int32(j), float32(rng.NormFloat64())})
		}
	}
	contrast := func(of func(i int) float64) *mat.VecDense {
		x, out := make([]float64, n), make([]float64, n-len(blocks))
		for i := range x {
			x[i] = of(i)
		}
		contrasts(blocks, x, out)
		return mat.NewVecDense(len(out), out)
	}
	x := mat.NewDense(n-len(blocks), d, nil)
	for j := range d {
		x.SetCol(j, contrast(func(i int) float64 { return float64(features[i][j].value) }).RawVector().Data)
	}
	y := contrast(func(i int) float64 { return float64(btoi(i%4 < 2)) })
	gram := contrastGram(blocks, channelOf(features, d))
	var want mat.Dense
	want.Mul(x, x.T())
	if !mat.EqualApprox(gram, &want, 1e-6) {
		t.Fatalf("gram\n%v\nwant\n%v", mat.Formatted(gram), mat.Formatted(&want))
	}
	lambda := 10 * mat.Trace(gram) / float64(n-len(blocks))
	var normal, xy mat.Dense
	normal.Mul(x.T(), x)
	for j := range d {
		normal.Set(j, j, normal.At(j, j)+lambda)
	}
	xy.Mul(x.T(), y)
	var beta, fitted mat.Dense
	if err := beta.Solve(&normal, &xy); err != nil {
		t.Fatal(err)
	}
	fitted.Mul(x, &beta)
	explained := mat.Dot(y, fitted.ColView(0))
	labels := mat.NewDense(n-len(blocks), 1, y.RawVector().Data)
	sum := []float64{0}
	addExplained(sum, gram, labels, 10)
	if math.Abs(sum[0]-explained) > 1e-9 {
		t.Errorf("explained %v, want %v", sum[0], explained)
	}
}

// Ten pairs that all agree have 1,024 labellings, and two of them explain as much as the observed
// one. Equal features give p = 1.
func TestArmTest(t *testing.T) {
	blocks := rowBlocks(20, 2)
	agree, equal := make([][]feature, 20), make([][]feature, 20)
	for i := range agree {
		agree[i], equal[i] = []feature{{0, float32(i % 2)}}, []feature{{0, 1}}
	}
	test := newArmTest([][]block{blocks}, 20_000, rand.New(rand.NewPCG(3, 3)))
	for _, c := range []struct {
		x         [][]feature
		low, high float64
	}{{agree, 1. / 1024, 3. / 1024}, {equal, 1, 1}} {
		p, overlap, err := test.p(t.Context(), channelOf(c.x, 1), nil, penalties)
		if err != nil || p.P < c.low || p.P > c.high || overlap != 1 {
			t.Errorf("p = %v, overlap %v, error %v; want p in [%v, %v]", p, overlap, err, c.low, c.high)
		}
	}
}

// Features that follow from a covariate explain nothing given it. A covariate that is the arm
// leaves nothing to test.
func TestArmTestGivenCovariates(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const n = 120
	blocks := rowBlocks(n, 2)
	x := make([][]feature, n)
	z, arm := make([]float64, n), make([]float64, n)
	for i := range x {
		arm[i] = float64(1 - i%2)
		z[i] = arm[i] + rng.NormFloat64()
		x[i] = []feature{{0, float32(z[i])}}
	}
	test := newArmTest([][]block{blocks}, 999, rand.New(rand.NewPCG(5, 5)))
	channel := channelOf(x, 1)
	if p, _, _ := test.p(t.Context(), channel, nil, penalties); p.P > .01 {
		t.Errorf("p = %v without covariates, want a difference", p)
	}
	p, overlap, _ := test.p(t.Context(), channel, &covariates{columns: [][]float64{z}}, penalties)
	if p.P < .2 || overlap < .5 || overlap > .95 {
		t.Errorf("p = %v given the feature itself, overlap %v", p, overlap)
	}
	if p, overlap, _ := test.p(t.Context(), channel, &covariates{columns: [][]float64{arm}}, penalties); p.P != 1 || overlap > 1e-9 {
		t.Errorf("p = %v given the arm, overlap %v; want 1 and 0", p, overlap)
	}
}

// Residuals have no contrast along a covariate, and the slope does not depend on differences
// between prompts.
func TestResiduals(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	const n = 60
	blocks := rowBlocks(n, 2)
	z, scores := make([]float64, n), make([]float64, n)
	for i := range z {
		prompt := float64(i / 2)
		z[i] = prompt + rng.NormFloat64()
		scores[i] = 2*z[i] - 5*prompt
	}
	c := covariates{columns: [][]float64{z}}
	c.residuals(blocks)(scores)
	for i := 0; i < n; i += 2 {
		if math.Abs(scores[i]-scores[i+1]) > 1e-4 {
			t.Fatalf("rows of prompt %d differ by %v", i/2, scores[i]-scores[i+1])
		}
	}
	equal := slices.Repeat([]float64{1}, n)
	before := slices.Clone(scores)
	if (&covariates{columns: [][]float64{equal}}).residuals(blocks)(scores); !slices.Equal(scores, before) {
		t.Error("a constant covariate changes scores")
	}
}
