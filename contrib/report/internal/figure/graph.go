package figure

import (
	"image/color"

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
	height vg.Length
}

// place is the rectangle of a box. The origin is the lower left corner of the figure.
type place struct{ left, top, width, height vg.Length }

func newGraphLayout(boxes []Box, l Layout) *graphLayout {
	g := &graphLayout{boxes: boxes, places: make([]place, len(boxes)), into: make([][]int, len(boxes)), height: boxMargin}
	for i, b := range boxes {
		for _, link := range b.From {
			g.into[link.Box] = append(g.into[link.Box], i)
		}
	}
	for _, row := range rowsOf(boxes, l.boxes) { // from the bottom
		width := min((l.width-2*boxMargin-boxGap*vg.Length(len(row)-1))/vg.Length(len(row)), 300)
		left := (l.width - width*vg.Length(len(row)) - boxGap*vg.Length(len(row)-1)) / 2
		tallest := vg.Length(0)
		for _, i := range row {
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
	exit := 0
	for n, made := range g.into[l.Box] {
		if made == i {
			exit = n
		}
	}
	room := from.width / vg.Length(len(g.into[l.Box])+1)
	start := vg.Point{X: from.left + room*vg.Length(exit+1), Y: from.top - from.height}
	end := vg.Point{X: to.left + to.width*vg.Length(k+1)/vg.Length(len(g.boxes[i].From)+1), Y: to.top}
	line(c, muted, 1.2, start, vg.Point{X: start.X, Y: start.Y - 14}, vg.Point{X: end.X, Y: end.Y + 10}, end)
	area(c, muted, end, vg.Point{X: end.X - 4, Y: end.Y + 8}, vg.Point{X: end.X + 4, Y: end.Y + 8})
	label(c, ink, 10.5, start.X+4, start.Y-11, clip(l.Text, max(2, int(room/textWidth))))
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
