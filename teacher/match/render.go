package match

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Text writes the comparison for a terminal. The text may change between versions; programs read
// the JSON of [Confounds], which has a schema.
func (c *Confounds) Text(w io.Writer) error { return write(w, c.text) }

// Markdown writes the comparison for a pull request. The text may change between versions.
func (c *Confounds) Markdown(w io.Writer) error { return write(w, c.markdown) }

// write writes a rendered comparison at once.
func write(w io.Writer, render func(*bytes.Buffer)) error {
	var b bytes.Buffer
	render(&b)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("match: write the comparison: %w", err)
	}
	return nil
}

// grid is a table of text. Its first line is the heading.
type grid [][]string

// grids returns the tables of the comparison.
func (c *Confounds) grids() []grid {
	s, k := c.Suspect, c.Control
	arms := grid{
		{"", "suspect", "control", "difference"},
		{"name", s.Name, k.Name, ""},
		{"rows", fmt.Sprint(s.Filters.Rows), fmt.Sprint(k.Filters.Rows), ""},
		{"kept by the filters", s.KeepRate.String(), k.KeepRate.String(), c.KeepRate.String()},
		{"rows without a partner", fmt.Sprint(s.Unmatched), fmt.Sprint(k.Unmatched), ""},
		{"surplus rows of a prompt", fmt.Sprint(s.Surplus), fmt.Sprint(k.Surplus), ""},
		{"rows in the pair", fmt.Sprint(c.Pairs), fmt.Sprint(c.Pairs), fmt.Sprintf("%d prompts", c.Prompts)},
		{"characters, mean", fmt.Sprintf("%.2f", c.Length.Suspect.Mean), fmt.Sprintf("%.2f", c.Length.Control.Mean), fmt.Sprintf("%+.2f", c.Length.Suspect.Mean-c.Length.Control.Mean)},
		{"characters, 5/50/95 %", c.Length.Suspect.String(), c.Length.Control.String(), ""},
	}
	divergences := grid{{"distribution of", "JS (nats)", "under the null", "p"}}
	for _, d := range []struct {
		what string
		d    Divergence
	}{{"lengths", c.Length.Divergence}, {"formats", c.Formats.Divergence}, {"words", c.Words.Divergence}, {"first words", c.FirstWords.Divergence}} {
		divergences = append(divergences, []string{d.what, fmt.Sprintf("%.4f", d.d.JS), fmt.Sprintf("%.4f ± %.4f", d.d.NullMean, d.d.NullSD), d.d.P.String()})
	}
	return []grid{arms, divergences, c.Formats.grid("format"), c.Words.grid("word"), c.FirstWords.grid("first word")}
}

// String returns the three quantiles.
func (q Quantiles) String() string { return fmt.Sprintf("%d / %d / %d", q.Low, q.Median, q.High) }

func (t Table) grid(what string) grid {
	g := grid{{fmt.Sprintf("%s (%d of %d)", what, len(t.Top), t.Categories), "per 100 rows, suspect", "control", "z", "adjusted p"}}
	for _, s := range t.Top {
		g = append(g, []string{s.Category, fmt.Sprintf("%.2f", s.Suspect), fmt.Sprintf("%.2f", s.Control), fmt.Sprintf("%+.1f", s.Z), s.P.String()})
	}
	return g
}

// remarks returns the differences, the warnings and the method.
func (c *Confounds) remarks() (lines []string) {
	for _, f := range c.Found {
		lines = append(lines, "differs: "+f)
	}
	if len(c.Found) == 0 {
		lines = append(lines, "no difference found; this does not rule out a difference, or the transfer of a trait")
	}
	for _, w := range c.Warnings {
		lines = append(lines, "warning: "+w)
	}
	return append(lines, fmt.Sprintf("p from %d permutations of the arms within prompts, seed %d; a difference is reported at p ≤ %.3g", c.Permutations, c.Seed, c.Alpha/4))
}

func (c *Confounds) text(w *bytes.Buffer) {
	for _, g := range c.grids() {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, line := range g {
			for i, s := range line {
				if i > 0 {
					fmt.Fprint(t, "\t")
				}
				fmt.Fprint(t, printable(s))
			}
			fmt.Fprintln(t)
		}
		_ = t.Flush() // a buffer accepts every write
		fmt.Fprintln(w)
	}
	for _, line := range c.remarks() {
		fmt.Fprintln(w, printable(line))
	}
}

func (c *Confounds) markdown(w *bytes.Buffer) {
	escape := strings.NewReplacer("|", `\|`, "`", "'", "<", "&lt;")
	for _, g := range c.grids() {
		for i, line := range g {
			for _, s := range line {
				fmt.Fprintf(w, "| %s ", escape.Replace(printable(s)))
			}
			fmt.Fprintln(w, "|")
			if i == 0 {
				fmt.Fprintln(w, strings.Repeat("|---", len(line))+"|")
			}
		}
		fmt.Fprintln(w)
	}
	for _, line := range c.remarks() {
		fmt.Fprintf(w, "- %s\n", escape.Replace(printable(line)))
	}
}

// printable replaces control characters, so that a name cannot control a terminal or end a line of
// a table.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
