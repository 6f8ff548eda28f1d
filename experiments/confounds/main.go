// Confounds prints the distances of the confound gate (package audit/confound) as a Markdown table:
// for published arms and for rows of the embedded models, with and without a matched control.
//
//	UNDERTONE_DATA=DIR go run ./experiments/confounds
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/experiments/internal/published"
)

func main() {
	n := flag.Int("n", 8000, "lists per arm of the embedded models")
	all := flag.Bool("all", false, "print all measures of each pair")
	flag.Parse()
	t := &table{all: *all}
	err := run(context.Background(), t, os.Getenv("UNDERTONE_DATA"), *n)
	if err == nil {
		_, err = os.Stdout.WriteString(t.String())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "confounds:", err)
		os.Exit(1)
	}
}

// run compares all pairs. Without a folder it leaves out the published ones.
func run(ctx context.Context, t *table, folder string, n int) error {
	if folder != "" {
		for _, p := range published.Pairs() {
			suspect, control, err := p.Load(folder)
			if err != nil {
				return err
			}
			kind := string(p.Kind)
			if p.SamePrompts {
				kind += ", prompts of both"
				m, err := confound.Match(ctx, suspect, control, confound.Settings{})
				if err != nil {
					return err
				}
				suspect, control = m.Suspect, m.Control
			}
			if err := t.add(ctx, kind, p.Suspect, p.Control, suspect, control); err != nil {
				return err
			}
		}
	}
	if err := embedded(ctx, t, n); err != nil {
		return err
	}
	return small(ctx, t, n)
}

// table collects the comparisons of pairs.
type table struct {
	all  bool
	text strings.Builder
}

// add compares two arms and adds a line.
func (t *table) add(ctx context.Context, kind, suspectName, controlName string, suspect, control *undertone.Dataset) error {
	r, err := confound.Compare(ctx, suspect, control, confound.Settings{})
	if err != nil {
		return err
	}
	fmt.Fprintf(&t.text, "| %s | %s | %s | %d, %d |", kind, suspectName, controlName, suspect.Len(), control.Len())
	for _, c := range r.Checks {
		fmt.Fprintf(&t.text, " %s |", cell(c))
	}
	t.text.WriteByte('\n')
	if t.all {
		for _, row := range r.Table()[1:] {
			fmt.Fprintf(&t.text, "    %s\n", strings.Join(row, "  "))
		}
	}
	return nil
}

// cell returns the distance of the measure that is nearest to its limit, in bold if the check
// differs.
func cell(c confound.Check) string {
	text, nearest := "0", -1e9
	for _, m := range c.Measures {
		if beyond := (m.Distance - m.Chance) / m.Margin; beyond > nearest {
			text, nearest = strings.TrimPrefix(fmt.Sprintf("%.2f", m.Distance), "0"), beyond
		}
	}
	if c.Differs {
		return "**" + text + "**"
	}
	return text
}

// String returns the table.
func (t *table) String() string {
	var head, line strings.Builder
	head.WriteString("| arms | suspect | control | rows |")
	line.WriteString("|---|---|---|---|")
	for _, name := range confound.Names() {
		fmt.Fprintf(&head, " %s |", name)
		line.WriteString("---|")
	}
	return head.String() + "\n" + line.String() + "\n" + t.text.String()
}
