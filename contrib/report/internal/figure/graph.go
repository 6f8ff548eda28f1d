package figure

import (
	"cmp"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Box is a node of a graph.
type Box struct {
	Title string
	Lines []string
	Trust Trust
	From  []Link // boxes from which it was made, each later in the list
}

// Link is an edge of a graph.
type Link struct {
	Box  int // index
	Text string
}

// Trust says how the border of a box is drawn.
type Trust int

// The borders. Each differs from the others in its line, not in its color alone.
const (
	Dashed Trust = iota // claimed
	Plain               // signed
	Strong              // verified
)

// Sizes of a graph, in points.
const (
	lineHeight = 15
	boxMargin  = 8
	boxGap     = 16 // between boxes of one row
	rowGap     = 34 // between rows, for the arrows and their texts
	textWidth  = 6  // of a character, about
)

// Graph draws what each box was made from: the first box at the bottom, and above each box those
// that it was made from. It draws a link of each pair of boxes in the list alone.
func Graph(boxes []Box) *Figure {
	return &Figure{fit: func(l Layout) (vg.Length, func(draw.Canvas)) {
		g := newGraphLayout(boxes, l)
		return g.height, g.draw
	}}
}

// graphLayout is where the boxes of a graph are.
type graphLayout struct {
	boxes  []Box
	places []place
	into   [][]int // for each box, what was made from it
	rows   [][]int // of boxes, from the bottom
	row    []int   // of each box
	height vg.Length
}

// place is the rectangle of a box. The origin is the lower left corner of the figure.
type place struct{ left, top, width, height vg.Length }

func newGraphLayout(boxes []Box, l Layout) *graphLayout {
	g := &graphLayout{boxes: boxes, places: make([]place, len(boxes)), into: make([][]int, len(boxes)), rows: rowsOf(boxes, l.boxes), row: make([]int, len(boxes)), height: boxMargin}
	for i, b := range boxes {
		for _, link := range b.From {
			g.into[link.Box] = append(g.into[link.Box], i)
		}
	}
	for at, row := range g.rows {
		width := min((l.width-2*boxMargin-boxGap*vg.Length(len(row)-1))/vg.Length(len(row)), 300)
		left := (l.width - width*vg.Length(len(row)) - boxGap*vg.Length(len(row)-1)) / 2
		tallest := vg.Length(0)
		for _, i := range row {
			g.row[i] = at
			g.places[i] = place{left, 0, width, boxMargin*2 + lineHeight*vg.Length(1+len(boxes[i].Lines))}
			left += width + boxGap
			tallest = max(tallest, g.places[i].height)
		}
		for _, i := range row {
			g.places[i].top = g.height + tallest
		}
		g.height += tallest + rowGap
	}
	g.height += boxMargin - rowGap
	return g
}

// rowsOf returns the boxes of each row, the lowest first. A box stands above each box that was made
// from it, and a row has at most so many boxes.
func rowsOf(boxes []Box, most int) (rows [][]int) {
	layers := make([]int, len(boxes))
	var of [][]int
	for i, b := range boxes { // what was made from it is before it
		for _, link := range b.From {
			layers[link.Box] = max(layers[link.Box], layers[i]+1)
		}
		for len(of) <= layers[i] {
			of = append(of, nil)
		}
		of[layers[i]] = append(of[layers[i]], i)
	}
	for _, layer := range of {
		for len(layer) > most {
			rows, layer = append(rows, layer[:most]), layer[most:]
		}
		rows = append(rows, layer)
	}
	return rows
}

func (g *graphLayout) draw(c draw.Canvas) {
	for i, b := range g.boxes {
		for k, link := range b.From {
			g.link(c, i, k, link)
		}
	}
	for i, b := range g.boxes {
		g.box(c, b, g.places[i])
	}
}

// link draws an arrow from a box to link k of box i, which was made from it.
func (g *graphLayout) link(c draw.Canvas, i, k int, l Link) {
	from, to := g.places[l.Box], g.places[i]
	exits, entries := g.exits(l.Box), g.entries(i)
	exit, entry := slices.Index(exits, i), slices.Index(entries, k)
	room := from.width / vg.Length(len(exits)+1)
	start := vg.Point{X: from.left + room*vg.Length(exit+1), Y: from.top - from.height}
	end := vg.Point{X: to.left + to.width*vg.Length(entry+1)/vg.Length(len(entries)+1), Y: to.top}
	way := []vg.Point{start, {X: start.X, Y: start.Y - 14}}
	if x, around := g.around(l.Box, i); around {
		way = append(way, vg.Point{X: x, Y: start.Y - 20}, vg.Point{X: x, Y: end.Y + 20})
	}
	line(c, muted, 1.2, append(way, vg.Point{X: end.X, Y: end.Y + 10}, end)...)
	area(c, muted, end, vg.Point{X: end.X - 4, Y: end.Y + 8}, vg.Point{X: end.X + 4, Y: end.Y + 8})
	if exit == len(exits)-1 { // nothing is to the right of its text
		room += from.width / 4
	}
	label(c, ink, 10.5, start.X+4, start.Y-11, clip(l.Text, max(2, int(room/textWidth))))
}

// around returns where an arrow passes the rows between two boxes, to the left of them, and false
// if there are none.
func (g *graphLayout) around(from, to int) (x vg.Length, long bool) {
	const gap = 10
	x = g.middle(from)
	for _, row := range g.rows[g.row[to]+1 : g.row[from]] {
		x, long = min(x, g.places[row[0]].left-gap), true
	}
	return max(x, 2), long
}

// middle returns the middle of a box.
func (g *graphLayout) middle(i int) vg.Length { return g.places[i].left + g.places[i].width/2 }

// exits returns what was made from a box, from left to right as their arrows leave it.
func (g *graphLayout) exits(from int) []int {
	return g.sorted(g.into[from], func(to int) vg.Length {
		if x, around := g.around(from, to); around {
			return x
		}
		return g.middle(to)
	})
}

// entries returns the links of a box, from left to right as their arrows reach it.
func (g *graphLayout) entries(to int) []int {
	links := make([]int, len(g.boxes[to].From))
	for k := range links {
		links[k] = k
	}
	return g.sorted(links, func(k int) vg.Length {
		from := g.boxes[to].From[k].Box
		if x, around := g.around(from, to); around {
			return x
		}
		return g.middle(from)
	})
}

// sorted returns indices by where their arrows are.
func (g *graphLayout) sorted(of []int, x func(int) vg.Length) []int {
	of = slices.Clone(of)
	slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(x(a), x(b)) })
	return of
}

func (g *graphLayout) box(c draw.Canvas, b Box, at place) {
	left, right, top, bottom := at.left, at.left+at.width, at.top, at.top-at.height
	box(c, card, left, bottom, right, top)
	border := []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}, {X: left, Y: bottom}}
	switch b.Trust {
	case Strong:
		line(c, good, 2.2, border...)
	case Plain:
		line(c, ink, 1, border...)
	default:
		dashed(c, ink, 1, border...)
	}
	most := int((at.width - 2*boxMargin) / textWidth)
	y := top - boxMargin - lineHeight + 4
	label(c, ink, 12.5, left+boxMargin, y, clip(b.Title, most-1))
	for _, s := range b.Lines {
		y -= lineHeight
		label(c, ink, 11.5, left+boxMargin, y, clip(s, most))
	}
}

// label writes a text at a point.
func label(c draw.Canvas, of color.Color, size vg.Length, x, y vg.Length, s string) {
	c.FillText(draw.TextStyle{Color: of, Font: sans(size), Handler: plot.DefaultTextHandler}, vg.Point{X: x, Y: y}, s)
}
