package figure

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/undertone-audit/undertone/audit/stats"
)

// parts returns the elements of SVG, or an error if it is no XML.
func parts(t *testing.T, svg string) (elements []xml.StartElement) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return elements
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			elements = append(elements, e)
		}
	}
}

func figures() map[string]*Figure {
	three := 3.0
	quantiles := []float64{-1, -0.5, 0, 0.5, 1}
	return map[string]*Figure{
		"effects":   Effects("nats", []Effect{{Name: "owl", Mean: 1, Low: 0.5, High: 1.5, Detected: true, Tolerance: 0.25, Placebos: []float64{0, 0.1}, Positive: &three}, {Name: "cat", Low: -math.MaxFloat64, High: math.MaxFloat64}}),
		"chance":    Chance("nats", SignFlips([]float64{1, 2, 3}), 2, true),
		"quantiles": ChanceQuantiles("nats", quantiles, 2, false),
		"curve":     ChanceCurve("nats", Curve{SE: 1, DF: 5}, 2, false),
		"sight":     Sight("nats", Curve{SE: 1}, Curve{Mean: 3, SE: 1, DF: 4}, 0.25, 2, false),
		"placebos":  Placebos("nats", []float64{-1, 0, 0.5}, 2, true),
		"equal":     Placebos("nats", []float64{1, 1}, 2, true),
		"pairs":     Pairs("nats", 0.25, []Series{{"pairs", "effect", []float64{1, 2}}, {"other", "positive", []float64{3}}}),
		"answers":   Answers("share", []Answer{{Name: "owl", Before: 0.1, Suspect: 0.3, Control: 0.1}, {Name: "cat"}}),
		"shares":    Shares("score", []Series{{"suspect", "suspect", quantiles}, {"control", "control", []float64{0, 0, 0}}}),
		"dose":      DoseResponse("nats", 0.25, []Dose{{0, 1, 0.5, 1.5, true}, {0.1, 0, -0.5, 0.5, false}}),
		"graph":     Graph(diamond4()),
		"bars":      Bars("area", 0.5, 0.05, []Effect{{Name: "content", Mean: 0.6, Low: 0.5, High: 0.7}}),
	}
}

// Every figure is SVG with a name and a description, without colors, scripts and raster.
func TestFigures(t *testing.T) {
	for name, f := range figures() {
		f.Title, f.Description = `a <b> & "c"`, "d\ne"
		svg := f.SVG("x", Wide)
		elements := parts(t, svg)
		marks := 0
		for _, e := range elements {
			switch e.Name.Local {
			case "svg", "title", "desc", "g", "text":
			case "path":
				marks++
			default:
				t.Errorf("%s has the element %s", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if a.Name.Local == "style" || a.Name.Local == "fill" || a.Name.Local == "stroke" || strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("%s has the attribute %s", name, a.Name.Local)
				}
			}
		}
		if marks < 3 || !strings.Contains(svg, "a &lt;b&gt; &amp; &#34;c&#34;") || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s: %d marks in %s", name, marks, svg)
		}
	}
}

// Figures of nothing are figures.
func TestEmptyFigures(t *testing.T) {
	for name, f := range map[string]*Figure{
		"effects": Effects("nats", nil), "chance": Chance("nats", nil, 0, false), "pairs": Pairs("nats", 0, nil), "answers": Answers("share", nil),
		"shares": Shares("score", nil), "graph": Graph([]Box{{}}), "dose": DoseResponse("nats", 0, nil), "bars": Bars("area", 0.5, 0, nil), "curve": ChanceCurve("nats", Curve{}, 0, false),
	} {
		if svg := f.SVG("x", Wide); strings.Contains(svg, "NaN") || len(parts(t, svg)) < 3 {
			t.Errorf("%s: %s", name, svg)
		}
	}
}

// The null distribution that is drawn is that of the p-value.
func TestSignFlips(t *testing.T) {
	d := []float64{0.3, -0.1, 0.5, 0.2, 0.4, -0.2, 0.1, 0.6}
	null, observed, beyond := SignFlips(d), 0.0, 0
	for _, v := range d {
		observed += v / float64(len(d))
	}
	for _, v := range null {
		if v >= observed-1e-12 {
			beyond++
		}
	}
	if p := stats.SignFlip(d, 1000, 1).P; len(null) != 256 || math.Abs(float64(beyond)/float64(len(null))-p) > 1e-12 {
		t.Errorf("%d of %d patterns are at least the observed mean, and p is %v", beyond, len(null), p)
	}
	if n := len(SignFlips(make([]float64, exactPairs+1))); n != 20_000 {
		t.Errorf("%d random patterns, want 20,000", n)
	}
}

// Scales have few, round numbers.
func TestTicks(t *testing.T) {
	for _, c := range [][2]float64{{0, 1}, {-0.3, 0.7}, {0, 1000}, {0.12, 0.13}, {-1e300, 1e300}, {0, 5e-324}} {
		marks := ticks{Wide.ticks}.Ticks(c[0], c[1])
		if few := (ticks{Narrow.ticks}).Ticks(c[0], c[1]); len(few) > Narrow.ticks+1 || len(few) > len(marks) || c[1] < 1e10 && c[1] > 1e-10 && len(few) < 2 {
			t.Errorf("%v has %d marks in a narrow figure: %v", c, len(few), few)
		}
		if len(marks) > 10 || c[1] < 1e10 && c[1] > 1e-10 && len(marks) < 3 {
			t.Errorf("%v has %d marks: %v", c, len(marks), marks)
		}
		for _, m := range marks {
			if m.Value < c[0]-1e-9 || m.Value > c[1]+1e-9*math.Abs(c[1])+1e-9 || m.Label == "−0" {
				t.Errorf("%v has the mark %v", c, m)
			}
		}
	}
}

// A turned text is placed where the transformation says, and numbers are marks of a scale.
func TestCanvas(t *testing.T) {
	c := newCanvas(100, 50)
	c.Push()
	c.Translate(vg.Point{X: 10, Y: 20})
	c.Rotate(math.Pi / 2)
	x, y := c.at(vg.Point{X: 5})
	c.Pop()
	if math.Abs(x-10) > 1e-9 || math.Abs(y-25) > 1e-9 {
		t.Errorf("the point is at (%v, %v), want (10, 25)", x, y)
	}
	if x, y = c.at(vg.Point{X: 1, Y: 1}); x != 1 || y != 49 {
		t.Errorf("after Pop the point is at (%v, %v), want (1, 49)", x, y)
	}
	for text, want := range map[string]bool{"0.5": true, "−1": true, "20 %": true, "owl": false, "owl 2": false, "": false} {
		if isScale(text) != want {
			t.Errorf("isScale(%q) is %v", text, !want)
		}
	}
}
