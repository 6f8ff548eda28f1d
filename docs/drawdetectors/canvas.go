package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// canvas collects the elements of a picture. Colors are classes, so that the picture follows the
// light or dark scheme of its reader. Words and shapes carry the meaning; colors repeat it.
type canvas struct {
	width, height int
	title         string
	body          bytes.Buffer
}

// The classes of shapes and texts.
const (
	plain   = "plain"
	muted   = "muted"
	suspect = "suspect"
	control = "control"
	band    = "band"
)

const stylesheet = `<style>
.text { font: 14px system-ui, sans-serif; fill: #1c2329; }
.small { font-size: 12px; }
.strong { font-weight: 700; }
.fill-plain { fill: #eef1f4; stroke: #56616b; }
.fill-muted { fill: #aab4bd; }
.fill-suspect { fill: #b8430f; }
.fill-control { fill: #0a5bab; }
.fill-band { fill: #56616b; fill-opacity: .16; }
.line-plain { stroke: #1c2329; }
.line-muted { stroke: #7f8a94; }
.line-suspect { stroke: #b8430f; }
.line-control { stroke: #0a5bab; }
.head { fill: #1c2329; }
@media (prefers-color-scheme: dark) {
  .text { fill: #dbe2e8; }
  .fill-plain { fill: #1e262d; stroke: #9fabb6; }
  .fill-muted { fill: #66727d; }
  .fill-suspect { fill: #ff9a5c; }
  .fill-control { fill: #7db8f5; }
  .fill-band { fill: #9fabb6; fill-opacity: .22; }
  .line-plain { stroke: #dbe2e8; }
  .line-muted { stroke: #66727d; }
  .line-suspect { stroke: #ff9a5c; }
  .line-control { stroke: #7db8f5; }
  .head { fill: #dbe2e8; }
}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8Z"/></marker></defs>
`

// svg returns the picture.
func (c *canvas) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">%s</title>\n", c.width, c.height, c.width, c.height, escaped(c.title))
	b.WriteString(stylesheet)
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func escaped(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a builder takes any text
	}
	return b.String()
}

// text writes a text whose anchor is start, middle or end; style adds classes.
func (c *canvas) text(x, y float64, anchor, style, text string) {
	fmt.Fprintf(&c.body, "<text class=\"text %s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", style, x, y, anchor, escaped(text))
}

// box draws a box with lines of text in its center.
func (c *canvas) box(x, y, width, height float64, lines ...string) {
	fmt.Fprintf(&c.body, "<rect class=\"fill-plain\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"5\"/>\n", x, y, width, height)
	top := y + height/2 + 5 - float64(len(lines)-1)*9
	for i, line := range lines {
		c.text(x+width/2, top+float64(i)*18, "middle", "", line)
	}
}

// rectangle fills a rectangle with the color of a class.
func (c *canvas) rectangle(class string, x, y, width, height float64) {
	fmt.Fprintf(&c.body, "<rect class=\"fill-%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", class, x, y, width, height)
}

// line draws a line.
func (c *canvas) line(class string, x1, y1, x2, y2, width float64) {
	fmt.Fprintf(&c.body, "<line class=\"line-%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-width=\"%.1f\"/>\n", class, x1, y1, x2, y2, width)
}

// arrow draws a line with a head.
func (c *canvas) arrow(class string, x1, y1, x2, y2, width float64) {
	fmt.Fprintf(&c.body, "<line class=\"line-%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-width=\"%.1f\" marker-end=\"url(#head)\"/>\n", class, x1, y1, x2, y2, width)
}

// disc draws a filled circle.
func (c *canvas) disc(class string, x, y, radius float64) {
	fmt.Fprintf(&c.body, "<circle class=\"fill-%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n", class, x, y, radius)
}

// curve draws a curve through points.
func (c *canvas) curve(class string, points [][2]float64) {
	var path strings.Builder
	for i, p := range points {
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], p[0], p[1])
	}
	fmt.Fprintf(&c.body, "<path class=\"line-%s\" fill=\"none\" stroke-width=\"2\" d=\"%s\"/>\n", class, path.String())
}
