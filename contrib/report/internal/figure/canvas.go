package figure

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/undertone-audit/undertone/internal/escape"
)

// The roles of marks in a figure. A page gives each role a color for light, dark and print by the
// class of its name; the numbers below only tell them apart.
var (
	ink      = role(1, "ink")      // text, axes, intervals
	muted    = role(2, "muted")    // grid, ticks
	effect   = role(3, "effect")   // what was observed
	suspect  = role(4, "suspect")  // the suspect arm
	control  = role(5, "control")  // the control arm
	positive = role(6, "positive") // the positive control, and what the audit can see
	placebo  = role(7, "placebo")  // placebos
	band     = role(8, "band")     // the tolerance
	chance   = role(9, "chance")   // what chance alone gives
	bad      = role(10, "bad")     // detected
	good     = role(11, "good")    // verified
	card     = role(12, "card")    // the background of a box
)

var classes = map[color.NRGBA]string{}

func role(number uint8, class string) color.NRGBA {
	c := color.NRGBA{R: number, A: 255}
	classes[c] = class
	return c
}

// canvas writes SVG without colors, fonts or sizes of text: marks have classes, which the CSS
// of a page colors. It implements vg.CanvasSizer.
type canvas struct {
	width, height vg.Length
	out           strings.Builder
	now           state
	stack         []state
}

// state is what Push saves.
type state struct {
	matrix [6]float64 // of the current coordinates: x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5
	class  string
	width  vg.Length
	dash   string
}

func newCanvas(width, height vg.Length) *canvas {
	return &canvas{width: width, height: height, now: state{matrix: [6]float64{1, 0, 0, 1, 0, 0}, class: "ink", width: 1}}
}

func (c *canvas) Size() (x, y vg.Length)   { return c.width, c.height }
func (c *canvas) SetLineWidth(w vg.Length) { c.now.width = w }
func (c *canvas) Push()                    { c.stack = append(c.stack, c.now) }
func (c *canvas) Translate(pt vg.Point) {
	c.apply([6]float64{1, 0, 0, 1, float64(pt.X), float64(pt.Y)})
}
func (c *canvas) Scale(x, y float64)                  { c.apply([6]float64{x, 0, 0, y, 0, 0}) }
func (c *canvas) SetColor(of color.Color)             { c.now.class = classOf(of) }
func (c *canvas) Stroke(p vg.Path)                    { c.path(p, "l") }
func (c *canvas) Fill(p vg.Path)                      { c.path(p, "f") }
func (c *canvas) DrawImage(vg.Rectangle, image.Image) {} // figures hold no raster

func (c *canvas) Pop() {
	c.now = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

func (c *canvas) Rotate(radians float64) {
	sin, cos := math.Sincos(radians)
	c.apply([6]float64{cos, sin, -sin, cos, 0, 0})
}

// apply puts a transformation in front of the current one.
func (c *canvas) apply(t [6]float64) {
	m := c.now.matrix
	c.now.matrix = [6]float64{
		m[0]*t[0] + m[2]*t[1], m[1]*t[0] + m[3]*t[1],
		m[0]*t[2] + m[2]*t[3], m[1]*t[2] + m[3]*t[3],
		m[0]*t[4] + m[2]*t[5] + m[4], m[1]*t[4] + m[3]*t[5] + m[5],
	}
}

// at returns a point in the coordinates of SVG, whose y axis points down.
func (c *canvas) at(p vg.Point) (x, y float64) {
	m := c.now.matrix
	return m[0]*float64(p.X) + m[2]*float64(p.Y) + m[4], float64(c.height) - (m[1]*float64(p.X) + m[3]*float64(p.Y) + m[5])
}

func (c *canvas) SetLineDash(pattern []vg.Length, _ vg.Length) {
	parts := make([]string, len(pattern))
	for i, p := range pattern {
		parts[i] = coordinate(float64(p))
	}
	c.now.dash = strings.Join(parts, " ")
}

func classOf(of color.Color) string {
	if of == nil {
		return "ink"
	}
	if class, ok := classes[color.NRGBAModel.Convert(of).(color.NRGBA)]; ok {
		return class
	}
	return "ink"
}

// farthest is the largest coordinate, beyond every figure. Numbers of a report may be so extreme
// that their places are no numbers.
const farthest = 10_000

// coordinate writes a number with at most one decimal.
func coordinate(v float64) string {
	v = math.Round(min(farthest, max(-farthest, v))*10) / 10
	if v == 0 || math.IsNaN(v) {
		v = 0 // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// path writes a path with the class of its role and of its kind: l for a line, f for an area.
func (c *canvas) path(p vg.Path, kind string) {
	if kind == "l" && c.now.width <= 0 {
		return
	}
	var d strings.Builder
	for _, comp := range p {
		switch comp.Type {
		case vg.MoveComp:
			x, y := c.at(comp.Pos)
			fmt.Fprintf(&d, "M%s %s", coordinate(x), coordinate(y))
		case vg.LineComp:
			x, y := c.at(comp.Pos)
			fmt.Fprintf(&d, "L%s %s", coordinate(x), coordinate(y))
		case vg.ArcComp:
			c.arc(&d, comp)
		case vg.CurveComp:
			d.WriteString(map[int]string{1: "Q", 2: "C"}[len(comp.Control)])
			for _, control := range comp.Control {
				x, y := c.at(control)
				fmt.Fprintf(&d, "%s %s ", coordinate(x), coordinate(y))
			}
			x, y := c.at(comp.Pos)
			fmt.Fprintf(&d, "%s %s", coordinate(x), coordinate(y))
		case vg.CloseComp:
			d.WriteString("Z")
		}
	}
	fmt.Fprintf(&c.out, `<path class="%s %s" d="%s"`, kind, c.now.class, d.String())
	if kind == "l" {
		if c.now.width != 1 {
			fmt.Fprintf(&c.out, ` stroke-width="%s"`, coordinate(float64(c.now.width)))
		}
		if c.now.dash != "" {
			fmt.Fprintf(&c.out, ` stroke-dasharray="%s"`, c.now.dash)
		}
	}
	c.out.WriteString("/>")
}

// arc writes an arc. A whole circle is two arcs, because SVG draws none between equal points.
func (c *canvas) arc(d *strings.Builder, comp vg.PathComp) {
	point := func(angle float64) (x, y float64) {
		sin, cos := math.Sincos(angle)
		return c.at(vg.Point{X: comp.Pos.X + comp.Radius*vg.Length(cos), Y: comp.Pos.Y + comp.Radius*vg.Length(sin)})
	}
	x, y := point(comp.Start)
	move := "L"
	if d.Len() == 0 {
		move = "M"
	}
	fmt.Fprintf(d, "%s%s %s", move, coordinate(x), coordinate(y))
	sweep := 0
	if comp.Angle < 0 {
		sweep = 1
	}
	r := coordinate(float64(comp.Radius))
	for part := 1; part <= 2; part++ {
		x, y = point(comp.Start + comp.Angle*float64(part)/2)
		fmt.Fprintf(d, "A%s %s 0 0 %d %s %s", r, r, sweep, coordinate(x), coordinate(y))
	}
}

// FillString writes a text. A text that is a number is a mark of a scale: it has the class tick.
func (c *canvas) FillString(f font.Face, pt vg.Point, text string) {
	if f.Font.Size == 0 || strings.TrimSpace(text) == "" {
		return
	}
	class := c.now.class
	if isScale(text) {
		class += " tick"
	}
	x, y := c.at(pt)
	turn := ""
	if angle := math.Atan2(c.now.matrix[1], c.now.matrix[0]); math.Abs(angle) > 1e-9 {
		turn = fmt.Sprintf(` transform="rotate(%s %s %s)"`, coordinate(-angle*180/math.Pi), coordinate(x), coordinate(y))
	}
	fmt.Fprintf(&c.out, `<text class="%s" x="%s" y="%s" font-size="%s"%s>%s</text>`,
		class, coordinate(x), coordinate(y), coordinate(float64(f.Font.Size)), turn, html.EscapeString(escape.Text(text)))
}

// isScale reports whether a text is a number of an axis, with its unit.
func isScale(text string) bool {
	digits := false
	for _, r := range text {
		digits = digits || unicode.IsDigit(r)
		if !unicode.IsDigit(r) && !strings.ContainsRune(" +-−.,%e", r) {
			return false
		}
	}
	return digits
}
