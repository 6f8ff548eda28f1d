package figure

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Effect is the effect of one trait.
type Effect struct {
	Name      string
	Mean      float64
	Low, High float64 // of its interval; infinite if unknown
	Detected  bool
	Tolerance float64 // 0 for none
	Placebos  []float64
	Positive  *float64 // effect of the positive control
}

// Effects draws the effect of each trait with its interval, its tolerance band, its placebos and
// its positive control.
func Effects(unit string, rows []Effect) *Figure {
	f := newFigure(vg.Length(62 + 34*len(rows)))
	names := make([]string, len(rows))
	values := []float64{0}
	keys := map[string]bool{}
	for i, r := range rows {
		names[len(rows)-1-i] = r.Name
		values = append(values, r.Mean, -r.Tolerance, r.Tolerance)
		values = append(values, r.Placebos...)
		for _, end := range []float64{r.Low, r.High} {
			if math.Abs(end) < 1e100 {
				values = append(values, end)
			}
		}
		if r.Positive != nil {
			values = append(values, *r.Positive)
		}
		keys["band"] = keys["band"] || r.Tolerance > 0
		keys["placebo"] = keys["placebo"] || len(r.Placebos) > 0
		keys["positive"] = keys["positive"] || r.Positive != nil
		keys["bad"] = keys["bad"] || r.Detected
		keys["effect"] = keys["effect"] || !r.Detected
	}
	p := f.plot
	span(&p.X, 0.04, values...)
	f.label = "suspect minus control, " + unit
	left, right := p.X.Min, p.X.Max
	f.rows(names)
	p.Add(plotter(func(c draw.Canvas, x, y func(float64) vg.Length) {
		for i, r := range rows {
			at := float64(len(rows) - 1 - i)
			if r.Tolerance > 0 {
				box(c, band, x(-r.Tolerance), y(at-0.5), x(r.Tolerance), y(at+0.5))
			}
		}
		line(c, muted, 1, vg.Point{X: x(0), Y: c.Min.Y}, vg.Point{X: x(0), Y: c.Max.Y})
		for i, r := range rows {
			middle := y(float64(len(rows) - 1 - i))
			for _, v := range r.Placebos {
				ring(c, placebo, 2.6, x(v), middle)
			}
			if r.Positive != nil {
				diamond(c, positive, 5, x(*r.Positive), middle)
			}
			of := effect
			if r.Detected {
				of = bad
			}
			low, high := x(max(r.Low, left)), x(min(r.High, right))
			line(c, of, 2.2, vg.Point{X: low, Y: middle}, vg.Point{X: high, Y: middle})
			for _, end := range []struct {
				value float64
				at    vg.Length
			}{{r.Low, low}, {r.High, high}} {
				if end.value >= left && end.value <= right {
					line(c, of, 2.2, vg.Point{X: end.at, Y: middle - 5}, vg.Point{X: end.at, Y: middle + 5})
				}
			}
			disc(c, of, 4.6, x(r.Mean), middle)
		}
	}))
	for _, k := range []Key{
		{"bad", "effect with its interval, detected"}, {"effect", "effect with its interval, not detected"}, {"band", "tolerance: effects of the trait that do not matter"},
		{"placebo", "placebos, other values for comparison: none is a finding"}, {"positive", "positive control: rows known to carry the trait"},
	} {
		if keys[k.Class] {
			f.Keys = append(f.Keys, k)
		}
	}
	return f
}
