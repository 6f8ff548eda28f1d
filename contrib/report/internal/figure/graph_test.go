package figure

import (
	"slices"
	"strings"
	"testing"
)

// diamond4 is a graph of four boxes: rows that were filtered from two files, which one model wrote.
func diamond4() []Box {
	return []Box{
		{Title: "kept", Lines: []string{"8 rows, verified"}, Trust: Strong, From: []Link{{1, "5 rows"}, {2, "3 rows"}}},
		{Title: "first", From: []Link{{3, "generator"}}},
		{Title: "second", Trust: Plain, From: []Link{{3, "generator"}}},
		{Title: "model"},
	}
}

// What a box was made from stands above it, boxes do not overlap, and all lie in the figure.
func TestGraphLayout(t *testing.T) {
	wide := []Box{{}}
	for i := range 11 {
		wide[0].From = append(wide[0].From, Link{Box: i + 1})
		wide = append(wide, Box{Lines: make([]string, i)})
	}
	for name, boxes := range map[string][]Box{"none": nil, "diamond": diamond4(), "wide": wide} {
		for _, l := range []Layout{Wide, Narrow} {
			g := newGraphLayout(boxes, l)
			for i, p := range g.places {
				if p.left < 0 || p.left+p.width > l.width || p.top > g.height || p.top-p.height < 0 || p.width < 100 {
					t.Errorf("%s, %s: box %d is at %+v in a figure of %v × %v", name, l.class, i, p, l.width, g.height)
				}
				for k, q := range g.places[:i] {
					if p.left < q.left+q.width && q.left < p.left+p.width && p.top-p.height < q.top && q.top-q.height < p.top {
						t.Errorf("%s, %s: boxes %d and %d overlap", name, l.class, k, i)
					}
				}
				for _, link := range boxes[i].From {
					if from := g.places[link.Box]; from.top-from.height < p.top+rowGap-1 {
						t.Errorf("%s, %s: box %d does not stand above box %d", name, l.class, link.Box, i)
					}
				}
			}
		}
	}
	if got := rowsOf(diamond4(), 3); !slices.EqualFunc(got, [][]int{{0}, {1, 2}, {3}}, slices.Equal) {
		t.Errorf("the rows of the diamond are %v", got)
	}
}

// A border says by its line, not by its color alone, how far a box can be relied on.
func TestGraphBorders(t *testing.T) {
	f := Graph(diamond4())
	f.Title, f.Description = "title", "description"
	svg := f.SVG("x", Wide)
	for _, want := range []string{`class="l good"`, `stroke-width="2.2"`, `stroke-dasharray="4 3"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("the graph has no %s", want)
		}
	}
	if n := strings.Count(svg, ">generator<"); n != 2 {
		t.Errorf("%d of 2 links to the model are labelled", n)
	}
}

// An arrow that passes a row of boxes runs beside them, so that it does not seem to end at one.
func TestGraphPassesBoxes(t *testing.T) {
	boxes := []Box{
		{Title: "teacher", From: []Link{{1, "training rows"}, {2, "base"}}},
		{Title: "overt rows", From: []Link{{2, "generator, 2,166 rows"}}},
		{Title: "model"},
	}
	for _, l := range []Layout{Wide, Narrow} {
		g := newGraphLayout(boxes, l)
		x, around := g.around(2, 0)
		if between := g.places[1]; !around || x >= between.left || x < 0 {
			t.Errorf("%s: the arrow from the model to the teacher is at %v (%v), beside a box at %v", l.class, x, around, between.left)
		}
		if _, around := g.around(1, 0); around {
			t.Errorf("%s: the arrow between neighbours runs around a box", l.class)
		}
		if got := g.exits(2); !slices.Equal(got, []int{0, 1}) {
			t.Errorf("%s: the arrows leave the model for %v", l.class, got)
		}
		if got := g.entries(0); !slices.Equal(got, []int{1, 0}) {
			t.Errorf("%s: the arrows reach the teacher as %v, and cross", l.class, got)
		}
	}
	f := Graph(boxes)
	f.Title, f.Description = "title", "description"
	if svg := f.SVG("x", Wide); !strings.Contains(svg, ">generator, 2,166 rows<") {
		t.Error("the text of the last arrow of a box is cut")
	}
}
