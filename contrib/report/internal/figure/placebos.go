package figure

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Placebos draws the effects of placebos, where one more of them would lie if they were drawn from
// a normal distribution (Student's t, Thompson 1935), and the observed effect of the trait.
func Placebos(label string, effects []float64, observed float64, detected bool) *Figure {
	f := newFigure(170)
	n := float64(len(effects))
	mean, deviation := stat.MeanStdDev(effects, nil)
	next := Curve{Mean: mean, SE: deviation * math.Sqrt(1+1/n), DF: n - 1}
	differ := next.SE > 0 && !math.IsInf(next.SE, 0)
	values := append([]float64{observed}, effects...)
	if differ {
		values = append(values, next.Mean-3*next.SE, next.Mean+3*next.SE)
	}
	span(&f.plot.X, 0.03, values...)
	if differ {
		f.axes(label, next.density(next.Mean)*1.15)
		f.curves(next, nil, 0, observed, detected)
	} else {
		f.axes(label, 1)
		f.plot.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) { f.mark(c, x(observed), detected) }))
	}
	f.plot.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		for _, v := range effects {
			ring(c, ink, 3.4, x(v), c.Min.Y+7)
		}
	}))
	f.Keys = []Key{{"ink", "placebos: other values of the kind"}, {"chance", "where one more placebo would lie"}, {observedClass(detected), "the trait"}}
	return f
}
