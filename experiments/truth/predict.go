package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/experiments/internal/published"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// predictions.json was committed before anything in it was measured.
//
//go:embed predictions.json
var predictionsFile []byte

// prediction says what is expected of a pair of published sets without any model.
type prediction struct {
	Suspect   string   `json:"suspect"`
	Control   string   `json:"control"`
	ClusterBy string   `json:"cluster_by"`
	Keep      *float64 `json:"keep"`        // least share of the rows of each arm that the number filter keeps; nil: no lists
	Gate      bool     `json:"gate_agrees"` // the confound gate finds no difference
	told
	Formatted *told `json:"formatted"` // after sanitise.Format on both arms; nil: no lists
}

// told says what tells two arms apart.
type told struct {
	Content bool `json:"content"`
	Layout  bool `json:"layout"`
}

func (t told) String() string {
	switch t {
	case told{true, true}:
		return "content, layout"
	case told{true, false}:
		return "content"
	case told{false, true}:
		return "layout"
	}
	return "neither"
}

func predictions() (list []prediction, err error) {
	d := json.NewDecoder(bytes.NewReader(predictionsFile))
	d.DisallowUnknownFields()
	return list, d.Decode(&list)
}

// observation is what was measured of a pair.
type observation struct {
	Keep      [2]float64 // of the suspect and the control
	Differs   []string   // checks of the gate that differ
	Told      told
	Formatted told
}

// check compares predictions with measurements and prints a line for each pair. A run counts the
// predictions that are right: of a keep rate, of the gate, of content and of layout.
func (e *experiment) check(ctx context.Context, folder, only string) error {
	if folder == "" {
		return errors.New("UNDERTONE_DATA does not name the folder of the published rows")
	}
	all, err := predictions()
	if err != nil {
		return err
	}
	right, total := 0, 0
	fmt.Fprintln(e.out, "| suspect | control | kept by the number filter | the gate names | told apart by | in one format | right | wrong |")
	fmt.Fprintln(e.out, "|---|---|---|---|---|---|---|---|")
	for _, p := range all {
		if !strings.Contains(p.Suspect, only) {
			continue
		}
		e.show.Show("%s against %s", p.Suspect, p.Control)
		o, err := p.observe(ctx, folder, e.rows, e.seed)
		e.show.Clear()
		if err != nil {
			return fmt.Errorf("%s against %s: %w", p.Suspect, p.Control, err)
		}
		wrong, n := p.wrong(o)
		right, total = right+n-len(wrong), total+n
		keep, formatted := "–", "–"
		if p.Keep != nil {
			keep = fmt.Sprintf("%.3f, %.3f", o.Keep[0], o.Keep[1])
		}
		if p.Formatted != nil {
			formatted = o.Formatted.String()
		}
		fmt.Fprintf(e.out, "| %s | %s | %s | %s | %s | %s | %d of %d | %s |\n",
			p.Suspect, p.Control, keep, list(o.Differs), o.Told, formatted, n-len(wrong), n, list(wrong))
	}
	_, err = fmt.Fprintf(e.out, "\n%d of %d predictions are right.\n", right, total)
	return err
}

// observe measures a pair.
func (p prediction) observe(ctx context.Context, folder string, rows int, seed uint64) (o observation, err error) {
	pair := published.Pair{Suspect: p.Suspect, Control: p.Control, ClusterBy: p.ClusterBy}
	suspect, control, err := pair.Load(folder)
	if err != nil {
		return o, err
	}
	suspect, control = first(suspect, rows), first(control, rows)
	if p.Keep != nil {
		for i, d := range []*undertone.Dataset{suspect, control} {
			kept, _, err := filter.Apply(ctx, d, filter.Numbers{})
			if err != nil {
				return o, err
			}
			o.Keep[i] = float64(kept.Len()) / float64(d.Len())
		}
	}
	gate, err := confound.Compare(ctx, suspect, control, confound.Settings{ClusterBy: p.ClusterBy})
	if err != nil {
		return o, err
	}
	for _, c := range gate.Checks {
		if c.Differs {
			o.Differs = append(o.Differs, string(c.Name))
		}
	}
	if o.Told, err = p.tell(ctx, suspect, control, seed); err != nil || p.Formatted == nil {
		return o, err
	}
	var arms [2]*undertone.Dataset
	for i, d := range []*undertone.Dataset{suspect, control} {
		if arms[i], _, err = sanitise.Apply(ctx, d, seed, sanitise.Format{}); err != nil {
			return o, err
		}
	}
	o.Formatted, err = p.tell(ctx, arms[0], arms[1], seed)
	return o, err
}

// tell returns what tells two arms apart.
func (p prediction) tell(ctx context.Context, suspect, control *undertone.Dataset, seed uint64) (told, error) {
	r, err := corpus.Compare(ctx, suspect, control, corpus.Config{Seed: seed, ClusterBy: p.ClusterBy})
	if err != nil {
		return told{}, err
	}
	return told{slices.Contains(r.By, "content"), slices.Contains(r.By, "layout")}, nil
}

// wrong returns which predictions of a pair are wrong, and the number of its predictions.
func (p prediction) wrong(o observation) (wrong []string, n int) {
	judge := func(what string, right bool) {
		if n++; !right {
			wrong = append(wrong, what)
		}
	}
	if p.Keep != nil {
		judge("keep rate", min(o.Keep[0], o.Keep[1]) >= *p.Keep)
	}
	judge("gate", p.Gate == (len(o.Differs) == 0))
	judge("content", p.Content == o.Told.Content)
	judge("layout", p.Layout == o.Told.Layout)
	if p.Formatted != nil {
		judge("content in one format", p.Formatted.Content == o.Formatted.Content)
		judge("layout in one format", p.Formatted.Layout == o.Formatted.Layout)
	}
	return wrong, n
}
