package figure

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is a row of values under one name, one per replicate.
type Series struct {
	Name   string
	Class  string // effect, positive, chance
	Values []float64
}

// Pairs draws the paired effects of replicates, one dot a pair, and the mean of each series.
func Pairs(label string, tolerance float64, series []Series) *Figure {
	f := newFigure(vg.Length(56 + 36*len(series)))
	p := f.plot
	values, names := []float64{0, -tolerance, tolerance}, make([]string, len(series))
	for i, s := range series {
		values = append(values, s.Values...)
		names[len(series)-1-i] = s.Name
	}
	span(&p.X, 0.05, values...)
	f.label = label
	f.rows(names)
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		if tolerance > 0 {
			box(c, band, x(-tolerance), c.Min.Y, x(tolerance), c.Max.Y)
		}
		line(c, muted, 1, vg.Point{X: x(0), Y: c.Min.Y}, vg.Point{X: x(0), Y: c.Max.Y})
		for i, s := range series {
			of, middle, mean := roleOf(s.Class), y(float64(len(series)-1-i)), 0.0
			for j, v := range s.Values {
				mean += v / float64(len(s.Values))
				disc(c, of, 3.4, x(v), middle+vg.Length(3*(j%3-1)))
			}
			line(c, of, 2.4, vg.Point{X: x(mean), Y: middle - 12}, vg.Point{X: x(mean), Y: middle + 12})
		}
	}))
	f.Keys = []Key{{"effect", "one pair of students; the bar is the mean"}}
	if tolerance > 0 {
		f.Keys = append(f.Keys, Key{"band", "tolerance"})
	}
	return f
}

func roleOf(class string) color.NRGBA {
	for c, name := range classes {
		if name == class {
			return c
		}
	}
	return ink
}

// Answer is the probability of one answer, before training and after it on each arm.
type Answer struct {
	Name                     string
	Before, Suspect, Control float64
	Target                   bool // the answer that expresses the trait
}

// Answers draws how probable each answer is before and after training.
func Answers(label string, answers []Answer) *Figure {
	f := newFigure(vg.Length(56 + 26*len(answers)))
	p := f.plot
	values, names := []float64{0}, make([]string, len(answers))
	for i, a := range answers {
		values = append(values, a.Before, a.Suspect, a.Control)
		names[len(answers)-1-i] = a.Name
	}
	span(&p.X, 0, values...)
	p.X.Max += 0.04 * (p.X.Max - p.X.Min)
	f.label = label
	f.rows(names)
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		for i, a := range answers {
			at := float64(len(answers) - 1 - i)
			middle := y(at)
			if i > 0 { // no stripes: an area of this color is the tolerance in other figures
				line(c, band, 1, vg.Point{X: c.Min.X, Y: y(at + 0.5)}, vg.Point{X: c.Max.X, Y: y(at + 0.5)})
			}
			line(c, muted, 1, vg.Point{X: x(min(a.Before, a.Suspect, a.Control)), Y: middle}, vg.Point{X: x(max(a.Before, a.Suspect, a.Control)), Y: middle})
			ring(c, ink, 4, x(a.Before), middle)
			disc(c, control, 4, x(a.Control), middle)
			disc(c, suspect, 4.6, x(a.Suspect), middle)
		}
	}))
	f.Keys = []Key{{"ink", "before training"}, {"control", "after training on the control rows"}, {"suspect", "after training on the suspect rows"}}
	return f
}

// Shares draws several distributions that are known by quantiles at equal steps of probability, one
// below the other, as histograms of one scale. Each bar holds the same share.
func Shares(label string, arms []Series) *Figure {
	const each = 62
	f := newFigure(vg.Length(52 + each*len(arms)))
	p := f.plot
	var all []float64
	for _, a := range arms {
		all = append(all, trimmed(a.Values)...)
	}
	span(&p.X, 0.02, all...)
	f.label = label
	names := make([]string, len(arms))
	for i, a := range arms {
		names[len(arms)-1-i] = a.Name
	}
	f.rows(names)
	least, tallest := (p.X.Max-p.X.Min)/200, 0.0
	for _, a := range arms {
		tallest = max(tallest, slices.Max(heights(trimmed(a.Values), least)))
	}
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		for i, a := range arms {
			base := float64(len(arms)-1-i) - 0.46
			bars(c, roleOf(a.Class), trimmed(a.Values), least, x, func(h float64) vg.Length { return y(base + 0.86*h/tallest) }, y(base))
			line(c, muted, 0.7, vg.Point{X: c.Min.X, Y: y(base)}, vg.Point{X: c.Max.X, Y: y(base)})
		}
		dashed(c, muted, 1, vg.Point{X: x(0), Y: c.Min.Y}, vg.Point{X: x(0), Y: c.Max.Y})
	}))
	return f
}

// trimmed returns quantiles without the outermost ones, so that one extreme row does not set the
// scale.
func trimmed(quantiles []float64) []float64 {
	if len(quantiles) > 4 {
		return quantiles[1 : len(quantiles)-1]
	}
	return quantiles
}

// Dose is one step of a dose–response experiment.
type Dose struct {
	Share           float64 // removed, in [0, 1]
	Mean, Low, High float64
	Detected        bool
}

// DoseResponse draws the effect over the share that was removed.
func DoseResponse(unit string, tolerance float64, steps []Dose) *Figure {
	f := newFigure(250)
	p := f.plot
	xs, ys := []float64{}, []float64{0, -tolerance, tolerance}
	for _, s := range steps {
		xs, ys = append(xs, 100*s.Share), append(ys, s.Mean)
		for _, end := range []float64{s.Low, s.High} {
			if math.Abs(end) < 1e100 {
				ys = append(ys, end)
			}
		}
	}
	span(&p.X, 0.04, xs...)
	span(&p.Y, 0.06, ys...)
	f.label, p.Y.Label.Text = "share removed, %", clip("suspect minus control, "+unit, 44)
	low, high := p.Y.Min, p.Y.Max
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		if tolerance > 0 {
			box(c, band, c.Min.X, y(-tolerance), c.Max.X, y(tolerance))
		}
		line(c, muted, 1, vg.Point{X: c.Min.X, Y: y(0)}, vg.Point{X: c.Max.X, Y: y(0)})
		var path []vg.Point
		for _, s := range steps {
			path = append(path, vg.Point{X: x(100 * s.Share), Y: y(s.Mean)})
		}
		dashed(c, effect, 1, path...)
		for i, s := range steps {
			of := effect
			if s.Detected {
				of = bad
			}
			at := path[i]
			line(c, of, 2, vg.Point{X: at.X, Y: y(max(s.Low, low))}, vg.Point{X: at.X, Y: y(min(s.High, high))})
			disc(c, of, 4.4, at.X, at.Y)
		}
	}))
	f.Keys = []Key{{"bad", "effect with its interval, detected"}, {"effect", "effect with its interval, not detected"}}
	if tolerance > 0 {
		f.Keys = append(f.Keys, Key{"band", "tolerance"})
	}
	return f
}

// Bars draws one bar for each name, with an interval.
func Bars(label string, centre float64, margin float64, rows []Effect) *Figure {
	f := newFigure(vg.Length(56 + 26*len(rows)))
	p := f.plot
	values, names := []float64{centre - margin, centre + margin}, make([]string, len(rows))
	for i, r := range rows {
		values = append(values, r.Mean, r.Low, r.High)
		names[len(rows)-1-i] = r.Name
	}
	span(&p.X, 0.04, values...)
	f.label = label
	f.rows(names)
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		if margin > 0 {
			box(c, band, x(centre-margin), c.Min.Y, x(centre+margin), c.Max.Y)
		}
		line(c, muted, 1, vg.Point{X: x(centre), Y: c.Min.Y}, vg.Point{X: x(centre), Y: c.Max.Y})
		for i, r := range rows {
			middle, of := y(float64(len(rows)-1-i)), effect
			if r.Detected {
				of = bad
			}
			line(c, of, 2.2, vg.Point{X: x(r.Low), Y: middle}, vg.Point{X: x(r.High), Y: middle})
			disc(c, of, 4.2, x(r.Mean), middle)
		}
	}))
	f.Keys = []Key{{"effect", "estimate with its interval"}}
	if margin > 0 {
		f.Keys = append(f.Keys, Key{"band", "margin: differences that do not matter"})
	}
	return f
}

var _ plot.Plotter = plotter(nil)
