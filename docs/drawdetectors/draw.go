package main

import (
	"fmt"
	"math"
)

// transfer shows students of both arms, and the shift beside the tolerance and the placebos.
func transfer() *canvas {
	c := &canvas{width: 760, height: 330, title: "Transfer: students of both arms are asked, and their difference is compared with the tolerance and the placebos"}
	for i, arm := range []struct{ name, class string }{{"suspect rows", suspect}, {"control rows", control}} {
		y := 40 + float64(i)*130
		c.box(15, y, 110, 70, arm.name)
		c.arrow(plain, 125, y+35, 160, y+35, 1.5)
		for k := range 12 {
			c.disc(arm.class, 175+float64(k%6)*20, y+12+float64(k/6)*18, 6)
		}
		for k := range 6 {
			c.disc(arm.class, 177+float64(k)*21, y+58, 9)
		}
		c.arrow(plain, 302, y+35, 337, y+35, 1.5)
		c.box(340, y, 90, 70, "answers")
	}
	c.text(232, 20, "middle", "small", "12 students of parts, 6 of all rows")
	c.text(15, 320, "start", "small", "Each pair starts from the same weights.")
	c.arrow(plain, 430, 75, 468, 130, 1.5)
	c.arrow(plain, 430, 205, 468, 160, 1.5)
	shiftAxis(c, 480, 40, 260)
	return c
}

// shiftAxis draws shifts of a trait and of placebos on an axis from -0.5 to 1 nats.
func shiftAxis(c *canvas, x, y, width float64) {
	at := func(nats float64) float64 { return x + width*(nats+0.5)/1.5 }
	c.rectangle(band, at(-0.25), y, at(0.25)-at(-0.25), 220)
	c.text(at(0), y-8, "middle", "small", "tolerance")
	c.line(plain, x, y+220, x+width, y+220, 1)
	for _, nats := range []float64{-0.25, 0, 0.25, 0.75} {
		c.line(plain, at(nats), y+220, at(nats), y+225, 1)
		c.text(at(nats), y+241, "middle", "small", fmt.Sprintf("%+.2g", nats))
	}
	c.text(x+width/2, y+262, "middle", "small", "suspect minus control, nats")
	for i, nats := range []float64{-0.21, 0.08, -0.06, 0.16, 0.02, -0.13, 0.11} {
		c.line(muted, at(nats-0.09), y+75+float64(i)*19, at(nats+0.09), y+75+float64(i)*19, 2)
		c.disc(muted, at(nats), y+75+float64(i)*19, 4)
	}
	c.text(at(0.38), y+135, "start", "small", "placebos")
	c.line(suspect, at(0.58), y+35, at(0.88), y+35, 3)
	c.disc(suspect, at(0.73), y+35, 6)
	c.text(at(0.73), y+22, "middle", "small strong", "the trait")
}

// likelihood shows the scores of both arms under a surrogate teacher and the base.
func likelihood() *canvas {
	c := &canvas{width: 760, height: 300, title: "Likelihood: rows of a teacher with the trait are more probable under a surrogate teacher than under the base"}
	c.box(15, 100, 90, 60, "a row")
	c.box(165, 40, 170, 60, "surrogate teacher:", "log-probability a")
	c.box(165, 160, 170, 60, "base model:", "log-probability b")
	c.arrow(plain, 105, 120, 161, 75, 1.5)
	c.arrow(plain, 105, 140, 161, 185, 1.5)
	c.arrow(plain, 335, 75, 388, 118, 1.5)
	c.arrow(plain, 335, 185, 388, 142, 1.5)
	c.text(392, 135, "start", "strong", "a − b")
	c.text(250, 256, "middle", "small", "The same is done for each placebo;")
	c.text(250, 273, "middle", "small", "their mean is subtracted.")
	histogram(c, 460, 60, 285, control, -0.8, "control rows")
	histogram(c, 460, 60, 285, suspect, 0.9, "suspect rows")
	c.line(plain, 460, 230, 745, 230, 1)
	c.text(602, 247, "middle", "small", "0")
	c.text(602, 267, "middle", "small", "score of a row: a − b, centered by the placebos")
	c.line(muted, 602, 100, 602, 230, 1)
	return c
}

// histogram draws a bell curve of scores around a center, on an axis from -4 to 4.
func histogram(c *canvas, x, y, width float64, class string, center float64, label string) {
	var points [][2]float64
	for s := -4.0; s <= 4; s += 0.1 {
		points = append(points, [2]float64{x + width*(s+4)/8, y + 170 - 130*math.Exp(-(s-center)*(s-center)/1.3)})
	}
	c.curve(class, points)
	anchor, shift := "end", 15.0
	if center > 0 {
		anchor, shift = "start", -15
	}
	c.text(x+width*(center+4)/8+shift, y+30, anchor, "small", label)
}

// The displacement of the surrogate in [influence], in pixels.
const gradientX, gradientY = 510.0, -150.0

// influence shows the displacement of a surrogate and the projections of rows on it.
func influence() *canvas {
	c := &canvas{width: 760, height: 300, title: "Influence: the first step of training on suspect rows points to a surrogate teacher with the trait"}
	const x, y = 150.0, 220.0
	c.arrow(plain, x, y, x+gradientX, y+gradientY, 3)
	c.text(x+gradientX-20, y+gradientY-18, "end", "strong", "surrogate with the trait")
	c.disc(plain, x, y, 5)
	c.text(x-12, y+24, "end", "small", "untrained student")
	for _, tip := range [][2]float64{{345, 95}, {400, 200}, {450, 170}} {
		project(c, suspect, x, y, tip)
	}
	for _, tip := range [][2]float64{{200, 85}, {270, 265}, {90, 165}} {
		project(c, control, x, y, tip)
	}
	c.text(350, 82, "middle", "small", "steps of suspect rows")
	c.text(180, 72, "middle", "small", "steps of control rows")
	c.text(500, 205, "start", "small", "The score of a row is the length of")
	c.text(500, 223, "start", "small", "its step towards the surrogate, up to")
	c.text(500, 241, "start", "small", "the end of the dashed line.")
	return c
}

// project draws a step and its projection on the displacement of [influence].
func project(c *canvas, class string, x, y float64, tip [2]float64) {
	c.arrow(class, x, y, tip[0], tip[1], 2)
	share := ((tip[0]-x)*gradientX + (tip[1]-y)*gradientY) / (gradientX*gradientX + gradientY*gradientY)
	fmt.Fprintf(&c.body, "<line class=\"line-muted\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-dasharray=\"4 4\"/>\n", tip[0], tip[1], x+share*gradientX, y+share*gradientY)
}

// corpus shows bags of rows, a classifier that has not seen their prompts, and its area.
func corpus() *canvas {
	c := &canvas{width: 760, height: 270, title: "Corpus: a classifier tells bags of suspect rows from bags of control rows, of prompts that it has not seen"}
	for i, arm := range []struct{ name, class string }{{"suspect", suspect}, {"control", control}} {
		y := 40 + float64(i)*95
		c.text(15, y-8, "start", "small", "bags of 16 "+arm.name+" rows")
		for bag := range 4 {
			for k := range 16 {
				c.rectangle(arm.class, 18+float64(bag)*50+float64(k%4)*9, y+float64(k/4)*9, 7, 7)
			}
		}
	}
	c.arrow(plain, 218, 58, 268, 95, 1.5)
	c.arrow(plain, 218, 150, 268, 120, 1.5)
	c.box(272, 70, 150, 76, "classifier,", "other prompts than", "in its training")
	c.arrow(plain, 422, 108, 462, 108, 1.5)
	const x, width = 480.0, 250.0
	at := func(area float64) float64 { return x + width*(area-0.4)/0.6 }
	c.rectangle(band, at(0.45), 50, at(0.55)-at(0.45), 120)
	c.text(at(0.5), 42, "middle", "small", "margin")
	c.line(plain, x, 170, x+width, 170, 1)
	for _, area := range []float64{0.5, 0.6, 0.8, 1} {
		c.line(plain, at(area), 170, at(area), 175, 1)
		c.text(at(area), 191, "middle", "small", fmt.Sprintf("%.1f", area))
	}
	c.text(x+width/2, 213, "middle", "small", "AUROC: 0.5 is chance")
	c.line(suspect, at(0.75), 95, at(0.88), 95, 3)
	c.disc(suspect, at(0.82), 95, 6)
	c.text(at(0.815), 80, "middle", "small", "distinguishable")
	c.line(control, at(0.47), 140, at(0.53), 140, 3)
	c.disc(control, at(0.5), 140, 6)
	c.text(at(0.56), 145, "start", "small", "not distinguishable")
	return c
}
