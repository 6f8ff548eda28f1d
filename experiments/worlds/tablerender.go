package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone/audit/stats"
)

// A cell is a line of the table of channels: outcomes of one detector that differ in their worlds.
type cell struct {
	channel, subject string
	source           source
	outcomes         []outcome
}

// The order of the lines.
var (
	channelOrder = []string{"numbers", "code", "reasoning", "calls", "pairs"}
	subjectOrder = []string{"animal", "tree", "colour", "harm"}
	sourceOrder  = []source{same, prompted, other, promptedOther}
)

// cells returns the lines of a detector in order.
func cells(some []outcome, detector string) (list []cell) {
	for _, c := range channelOrder {
		for _, s := range subjectOrder {
			for _, by := range sourceOrder {
				of := cell{channel: c, subject: s, source: by}
				for _, o := range some {
					if o.Detector == detector && o.Kind == c+"/"+s && o.Source == by {
						of.outcomes = append(of.outcomes, o)
					}
				}
				if len(of.outcomes) > 0 {
					list = append(list, of)
				}
			}
		}
	}
	return list
}

// teacher returns how the teacher was made, and whose base it has.
func (c cell) teacher() (made, base string) {
	made, base = "LoRA", "same"
	if c.source == prompted || c.source == promptedOther {
		made = "system prompt"
	}
	if c.source.foreign() {
		base = "other"
	}
	return made, base
}

func (c cell) values(of func(outcome) float64) []float64 {
	list := make([]float64, len(c.outcomes))
	for i, o := range c.outcomes {
		list[i] = of(o)
	}
	return list
}

// effect returns the mean effect over worlds and its 95 % interval; of one world, its own interval.
func (c cell) effect() string {
	if len(c.outcomes) == 1 {
		o := c.outcomes[0]
		return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", o.Effect, o.Low, o.High)
	}
	i := stats.MeanInterval(c.values(func(o outcome) float64 { return o.Effect }), 0.95)
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", i.Mean, i.Low, i.High)
}

// information returns the mean information of a row over worlds, in bits, and its 95 % interval; of
// one world the interval is unbounded. The noise of a world is that of its rows and of two keep
// rates, so the estimate can be negative.
func (c cell) information() stats.Interval {
	return stats.MeanInterval(c.values(func(o outcome) float64 { return o.Bits }), 0.95)
}

// bits returns the information of a row as the table states it.
func (c cell) bits() string {
	i := c.information()
	if len(c.outcomes) == 1 {
		return fmt.Sprintf("%.3f", i.Mean)
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", i.Mean, i.Low, i.High)
}

// needed returns the information in bits that any test of level .05 needs to have the power .5: the
// divergence of a binary variable of probability .5 from one of probability .05, by the inequality
// of data processing.
func needed() float64 {
	const power, alpha = 0.5, 0.05
	return power*math.Log2(power/alpha) + (1-power)*math.Log2((1-power)/(1-alpha))
}

// why says why less than half of the worlds are detected, or "". The arms hold too little
// information, or enough of it, if the whole interval does.
func (c cell) why() string {
	hits := 0
	for _, o := range c.outcomes {
		if o.Found {
			hits++
		}
	}
	least := needed() / float64(c.outcomes[0].Rows) // bits per row
	switch i := c.information(); {
	case 2*hits >= len(c.outcomes):
		return ""
	case c.source.foreign():
		return "other base"
	case i.High < least:
		return "capacity"
	case i.Low >= least:
		return "detector"
	}
	return "capacity or detector"
}

// renderTable writes the tables of channels.
func renderTable(w io.Writer, seed uint64, some []outcome, missing int) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Seed %d, %d rows per arm.\n", seed, tableRows)
	for _, name := range []string{"likelihood", "transfer", "influence"} {
		if list := cells(some, name); len(list) > 0 {
			findings(&text, name, list)
		}
	}
	if list := cells(some, "corpus"); len(list) > 0 {
		comparisons(&text, list)
	}
	traitFreeTable(&text, some)
	if missing > 0 {
		fmt.Fprintf(&text, "\nMissing audits: %d of %d.\n", missing, missing+len(some))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func findings(text *strings.Builder, detector string, list []cell) {
	unit := map[string]string{"likelihood": "nats per row", "transfer": "nats", "influence": "nats² per row and weight²"}[detector]
	fmt.Fprintf(text, "\n%s, effect in %s:\n\n", detector, unit)
	fmt.Fprintln(text, "| channel | trait | teacher | its base | detected | effect | median p | p ≤ .05 | first of its placebos | bits per row | bits of an arm | rows kept | processor seconds | limited by |")
	fmt.Fprintln(text, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, c := range list {
		made, base := c.teacher()
		fmt.Fprintf(text, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %.0f | %.0f %% | %s | %s |\n", c.channel, c.subject, made, base,
			share(c.outcomes, found), c.effect(), medianP(c.outcomes), share(c.outcomes, small), firsts(c.outcomes),
			c.bits(), c.information().Mean*float64(c.outcomes[0].Rows),
			100*stat.Mean(c.values(func(o outcome) float64 { return o.Kept }), nil), seconds(c.outcomes), cmp.Or(c.why(), "–"))
	}
}

// comparisons writes the table of the detector that compares the arms and knows no trait.
func comparisons(text *strings.Builder, list []cell) {
	fmt.Fprintf(text, "\ncorpus, which knows no trait:\n\n| channel | trait | teacher | its base | arms differ | mean AUROC of bags | median p | p ≤ .05 | processor seconds |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range list {
		made, base := c.teacher()
		fmt.Fprintf(text, "| %s | %s | %s | %s | %s | %.3f | %s | %s | %s |\n", c.channel, c.subject, made, base, share(c.outcomes, found),
			stat.Mean(c.values(func(o outcome) float64 { return o.Score }), nil), medianP(c.outcomes), share(c.outcomes, small), seconds(c.outcomes))
	}
}

// traitFreeTable writes how often a detector is wrong on trait-free rows, beside the share that
// chance allows: α and two standard errors.
func traitFreeTable(text *strings.Builder, some []outcome) {
	const alpha = 0.05
	header := "\n| trait-free | detector | rows per arm | p ≤ .05 | detected | α + 2 standard errors |\n|---|---|---|---|---|---|\n"
	for _, c := range channelOrder {
		var of []outcome
		for _, o := range some {
			if o.Source.traitFree() && strings.HasPrefix(o.Kind, c+"/") {
				of = append(of, o)
			}
		}
		if len(of) == 0 {
			continue
		}
		n := float64(len(of))
		fmt.Fprintf(text, "%s| %s | likelihood | %d | %s | %s | %.1f of %d |\n", header, c, of[0].Rows, share(of, small), share(of, found),
			n*alpha+2*math.Sqrt(n*alpha*(1-alpha)), len(of))
		header = ""
	}
}

func medianP(some []outcome) string {
	p := make([]float64, len(some))
	for i, o := range some {
		p[i] = o.P
	}
	m := middle(p)
	if m >= 0.001 {
		return fmt.Sprintf("%.3f", m)
	}
	return fmt.Sprintf("%.4f", m)
}

// seconds returns the median processor time of audits that ran alone.
func seconds(some []outcome) string {
	return median(some, func(o outcome) float64 { return o.Processor }, "%.1f")
}
