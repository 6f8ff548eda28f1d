package figure

import (
	"image/color"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/undertone-audit/undertone/audit/stats"
)

// exactPairs is the largest number of pairs whose sign patterns are all drawn.
const exactPairs = 14

// SignFlips returns the means of differences under sign patterns: all of them up to 14 pairs, and
// else 20,000 random ones of a fixed seed. It is the null distribution of the sign-flip test.
func SignFlips(differences []float64) []float64 {
	n := len(differences)
	patterns := 20_000
	if n <= exactPairs {
		patterns = 1 << n
	}
	rng := rand.New(rand.NewPCG(1, 0x6e756c6c))
	signs := make([]float64, n)
	means := make([]float64, patterns)
	for i := range means {
		if n > exactPairs {
			stats.RandomSigns(rng, signs)
		}
		for j, d := range differences {
			s := signs[j]
			if n <= exactPairs {
				s = float64(2*(i>>j&1) - 1)
			}
			means[i] += s * d / float64(n)
		}
	}
	return means
}

// Chance draws the null distribution of a statistic as a histogram, and the observed value.
func Chance(label string, null []float64, observed float64, detected bool) *Figure {
	f := newFigure(190)
	p := f.plot
	span(&p.X, 0.05, append([]float64{observed}, null...)...)
	const bins = 48
	counts, step := make([]float64, bins), (p.X.Max-p.X.Min)/bins
	for _, v := range null {
		counts[min(bins-1, max(0, int((v-p.X.Min)/step)))]++
	}
	f.axes(label, slices.Max(counts)*1.12)
	left := p.X.Min
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		for i, n := range counts {
			if n > 0 {
				from := left + float64(i)*step
				box(c, chance, x(from)+0.4, c.Min.Y, x(from+step)-0.4, y(n))
			}
		}
		f.mark(c, x(observed), detected)
	}))
	f.Keys = []Key{{"chance", "what chance alone gives"}, {observedClass(detected), "what was observed"}}
	return f
}

// ChanceQuantiles draws a null distribution that is known by quantiles at equal steps of
// probability, and the observed value. Each bar holds the same share.
func ChanceQuantiles(label string, quantiles []float64, observed float64, detected bool) *Figure {
	f := newFigure(190)
	span(&f.plot.X, 0.05, append([]float64{observed}, quantiles...)...)
	least := (f.plot.X.Max - f.plot.X.Min) / 200
	f.axes(label, slices.Max(heights(quantiles, least))*1.12)
	f.plot.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		bars(c, chance, quantiles, least, x, func(height float64) vg.Length { return y(height) }, c.Min.Y)
		f.mark(c, x(observed), detected)
	}))
	f.Keys = []Key{{"chance", "what chance alone gives"}, {observedClass(detected), "what was observed"}}
	return f
}

// heights returns the density between quantiles at equal steps of probability. A step that is
// narrower than least counts as so wide.
func heights(quantiles []float64, least float64) []float64 {
	h := make([]float64, len(quantiles)-1)
	for i := range h {
		h[i] = 1 / max(least, quantiles[i+1]-quantiles[i])
	}
	return h
}

// bars draws a histogram whose bars have equal areas.
func bars(c draw.Canvas, of color.Color, quantiles []float64, least float64, x, y func(float64) vg.Length, base vg.Length) {
	for i, h := range heights(quantiles, least) {
		left, right := x(quantiles[i]), x(max(quantiles[i+1], quantiles[i]+least))
		gap := min(0.4, (right-left)/4)
		box(c, of, left+gap, base, right-gap, y(h))
	}
}

// Curve is a density of the effect: Student's t around Mean; df 0 is the normal distribution.
type Curve struct{ Mean, SE, DF float64 }

func (c Curve) density(x float64) float64 {
	if c.DF > 0 {
		return distuv.StudentsT{Mu: c.Mean, Sigma: c.SE, Nu: c.DF}.Prob(x)
	}
	return distuv.Normal{Mu: c.Mean, Sigma: c.SE}.Prob(x)
}

// ChanceCurve draws a null distribution that is a density, and the observed value.
func ChanceCurve(label string, null Curve, observed float64, detected bool) *Figure {
	f := newFigure(190)
	span(&f.plot.X, 0.03, observed, null.Mean-4*null.SE, null.Mean+4*null.SE)
	f.axes(label, null.density(null.Mean)*1.15)
	f.curves(null, nil, 0, observed, detected)
	f.Keys = []Key{{"chance", "what chance alone gives"}, {observedClass(detected), "what was observed"}}
	return f
}

// Sight draws what the audit is able to see: the effect that it would find without the trait, and
// at the limit of detection, beside the observed effect and the tolerance.
func Sight(label string, none, limit Curve, tolerance, observed float64, detected bool) *Figure {
	f := newFigure(190)
	span(&f.plot.X, 0.03, observed, -tolerance, tolerance, none.Mean-4*none.SE, none.Mean+4*none.SE, limit.Mean-4*limit.SE, limit.Mean+4*limit.SE)
	f.axes(label, max(none.density(none.Mean), limit.density(limit.Mean))*1.15)
	f.curves(none, &limit, tolerance, observed, detected)
	f.Keys = []Key{{"chance", "effects without the trait"}, {"positive", "effects at the limit of detection"}, {observedClass(detected), "what was observed"}}
	if tolerance > 0 {
		f.Keys = append(f.Keys, Key{"band", "tolerance"})
	}
	return f
}

// curves draws an area and a curve over the range of the x axis.
func (f *Figure) curves(under Curve, over *Curve, tolerance, observed float64, detected bool) {
	left, right := f.plot.X.Min, f.plot.X.Max
	f.plot.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		if tolerance > 0 {
			box(c, band, x(-tolerance), c.Min.Y, x(tolerance), c.Max.Y)
		}
		shape := func(of Curve) (points []vg.Point) {
			const steps = 160
			for i := range steps + 1 {
				v := left + (right-left)*float64(i)/steps
				points = append(points, vg.Point{X: x(v), Y: y(of.density(v))})
			}
			return points
		}
		edge := append([]vg.Point{{X: x(left), Y: c.Min.Y}}, shape(under)...)
		area(c, chance, append(edge, vg.Point{X: x(right), Y: c.Min.Y})...)
		if over != nil {
			line(c, positive, 2, shape(*over)...)
		}
		f.mark(c, x(observed), detected)
	}))
}

// axes labels the x axis and hides the y axis, whose height has no meaning.
func (f *Figure) axes(label string, top float64) {
	p := f.plot
	f.label = label
	p.HideY()
	p.Y.Min, p.Y.Max = 0, top
	if !(p.Y.Max > 0) || math.IsInf(p.Y.Max, 0) {
		p.Y.Max = 1
	}
}

// mark draws the observed value.
func (f *Figure) mark(c draw.Canvas, x vg.Length, detected bool) {
	of := effect
	if detected {
		of = bad
	}
	const radius = 4.4
	top := c.Max.Y - radius // so that the edge of the figure does not cut the disc
	line(c, of, 2.4, vg.Point{X: x, Y: c.Min.Y}, vg.Point{X: x, Y: top})
	disc(c, of, radius, x, top)
}

func observedClass(detected bool) string {
	if detected {
		return "bad"
	}
	return "effect"
}
