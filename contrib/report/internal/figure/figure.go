// Package figure draws the figures of a report as SVG whose marks have classes in place of colors.
package figure

import (
	"fmt"
	"html"
	"image/color"
	"math"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/undertone-audit/undertone/internal/escape"
)

// Figure is a figure for a page: SVG with an accessible name and description, and what its marks
// mean.
type Figure struct {
	Title       string // what it shows
	Description string // what can be read from it, for those who do not see it
	Keys        []Key

	plot     *plot.Plot
	height   vg.Length // in points
	label    string    // of the x axis, not yet clipped
	rowNames []string  // of the y axis, from the bottom, not yet clipped

	fit func(Layout) (vg.Length, func(draw.Canvas)) // height and marks of a figure that is no plot
}

// Layout is the width for which a figure is drawn. The sizes of its texts are the same in all.
type Layout struct {
	class string    // of the SVG
	width vg.Length // in points
	label int       // runes of the label of an axis
	name  int       // runes of the name of a row
	ticks int       // largest number of ticks of an axis, about
	boxes int       // of a graph beside each other
}

// The layouts. A page shows a figure in the layout that fits its window.
var (
	Wide   = Layout{"wide", 640, 90, 30, 7, 3}
	Narrow = Layout{"narrow", 360, 56, 20, 5, 2}
)

// Key says what a mark means.
type Key struct {
	Class string // of the mark
	Text  string
}

// newFigure returns a figure without marks.
func newFigure(height vg.Length) *Figure {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Width = muted, 0.5
		axis.Label.TextStyle.Color, axis.Label.TextStyle.Font = ink, sans(12)
		axis.Tick.Label.Color, axis.Tick.Label.Font = ink, sans(11.5)
		axis.Tick.Color, axis.Tick.Width, axis.Tick.Length = muted, 0.5, 4
		axis.Padding = 3
	}
	p.Y.Tick.Marker = ticks{Wide.ticks} // of a plot without rows
	return &Figure{plot: p, height: height}
}

// rows makes the y axis one of rows with these names, from the bottom.
func (f *Figure) rows(names []string) {
	y := &f.plot.Y
	f.rowNames = names
	if len(names) > 0 { // NominalY needs one
		f.plot.NominalY(names...)
	}
	y.Min, y.Max = -0.5, float64(max(1, len(names)))-0.5
	y.Tick.Label.Font, y.Tick.Label.Color = sans(12), ink
}

func sans(size vg.Length) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
}

// SVG returns the figure. The id must be unique in its page.
func (f *Figure) SVG(id string, l Layout) string {
	height, draws := f.height, f.plotted
	if f.fit != nil {
		height, draws = f.fit(l)
	} else {
		f.clip(l)
	}
	c := newCanvas(l.width, height)
	draws(draw.NewCanvas(c, l.width, height))
	return fmt.Sprintf(`<svg class="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc><g aria-hidden="true">%s</g></svg>`,
		l.class, coordinate(float64(l.width)), coordinate(float64(height)), id, id, id, text(f.Title), id, text(f.Description), c.out.String())
}

func (f *Figure) plotted(c draw.Canvas) { f.plot.Draw(c) }

// clip cuts the texts of the axes to the width of a layout.
func (f *Figure) clip(l Layout) {
	p := f.plot
	p.X.Label.Text = clip(f.label, l.label)
	p.X.Tick.Marker = ticks{l.ticks}
	if len(f.rowNames) > 0 {
		marks := make(plot.ConstantTicks, len(f.rowNames))
		for i, name := range f.rowNames {
			marks[i] = plot.Tick{Value: float64(i), Label: clip(name, l.name)}
		}
		p.Y.Tick.Marker = marks
	}
}

// text returns a foreign text for SVG.
func text(s string) string { return html.EscapeString(escape.Text(s)) }

// ticks are round numbers with few digits.
type ticks struct{ most int }

func (t ticks) Ticks(low, high float64) (all []plot.Tick) {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, times := range []float64{2, 2.5, 2} { // 1, 2, 5, 10
		if (high-low)/step <= float64(t.most) {
			break
		}
		step *= times
	}
	if !(step > 0) || math.IsInf(step, 0) {
		return nil
	}
	for at := math.Ceil(low / step); at*step <= high && len(all) < 20; at++ {
		v := at * step
		all = append(all, plot.Tick{Value: v, Label: strings.Replace(fmt.Sprintf("%.3g", rounded(v/step)*step), "-", "−", 1)})
	}
	return all
}

func rounded(v float64) float64 {
	if math.Abs(v) < 1e-12 {
		return 0
	}
	return v
}

// clip cuts a name that is too long for an axis.
func clip(name string, most int) string {
	name = escape.Text(name)
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most-1]) + "…"
}

// plotter is a function that draws marks.
type plotter func(c draw.Canvas, x, y func(float64) vg.Length)

func (f plotter) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	f(c, x, y)
}

// Marks.

func line(c draw.Canvas, of color.Color, w vg.Length, points ...vg.Point) {
	c.StrokeLines(draw.LineStyle{Color: of, Width: w}, points)
}

func dashed(c draw.Canvas, of color.Color, w vg.Length, points ...vg.Point) {
	c.StrokeLines(draw.LineStyle{Color: of, Width: w, Dashes: []vg.Length{4, 3}}, points)
}

func area(c draw.Canvas, of color.Color, points ...vg.Point) { c.FillPolygon(of, points) }

func box(c draw.Canvas, of color.Color, left, bottom, right, top vg.Length) {
	area(c, of, vg.Point{X: left, Y: bottom}, vg.Point{X: right, Y: bottom}, vg.Point{X: right, Y: top}, vg.Point{X: left, Y: top})
}

func disc(c draw.Canvas, of color.Color, r, x, y vg.Length) {
	c.DrawGlyph(draw.GlyphStyle{Color: of, Radius: r, Shape: draw.CircleGlyph{}}, vg.Point{X: x, Y: y})
}

func ring(c draw.Canvas, of color.Color, r, x, y vg.Length) {
	c.DrawGlyph(draw.GlyphStyle{Color: of, Radius: r, Shape: draw.RingGlyph{}}, vg.Point{X: x, Y: y})
}

func diamond(c draw.Canvas, of color.Color, r, x, y vg.Length) {
	area(c, of, vg.Point{X: x - r, Y: y}, vg.Point{X: x, Y: y + r}, vg.Point{X: x + r, Y: y}, vg.Point{X: x, Y: y - r})
}

// span widens a range so that it holds the values, with a margin on both sides.
func span(axis *plot.Axis, margin float64, values ...float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if !(high > low) {
		low, high = low-1, high+1
	}
	d := margin * (high - low)
	axis.Min, axis.Max = low-d, high+d
}
