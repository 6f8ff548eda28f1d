package main

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/jsonl"
)

type corpusVerb struct {
	Suspect  string      `required:"" placeholder:"FILE" help:"The rows in question."`
	Control  string      `required:"" placeholder:"FILE" help:"Rows of a writer without the trait: the same prompts through the same filters."`
	Positive string      `placeholder:"FILE" help:"Control rows with rows of a known trait teacher among them. Without finding these no comparison ends undetected."`
	As       jsonl.Shape `placeholder:"SHAPE" help:"The shape to read, for rows that have several."`
	Bag      int         `placeholder:"ROWS" help:"Rows that are judged together (16)."`
	MaxRows  int         `placeholder:"N" help:"Rows of each file that are looked at, chosen by content (20000)."`
	Margin   float64     `placeholder:"AREA" help:"How far the AUROC of bags must be from .5 to matter (.05)."`
	Alpha    float64     `placeholder:"P" help:"Level of the tests (.05)."`
	Seed     uint64      `default:"1" help:"Of folds and permutations (1)."`
	JSON     bool        `name:"json" help:"Print the result as JSON."`
}

// Run compares the files, without any language model.
func (v *corpusVerb) Run(ctx context.Context, c console) error {
	var arms [3]*undertone.Dataset
	for i, path := range []string{v.Suspect, v.Control, v.Positive} {
		if path == "" {
			continue
		}
		var err error
		if arms[i], err = loadRows(ctx, c, "corpus", path, v.As); err != nil {
			return err
		}
	}
	config := corpus.Config{Seed: v.Seed, Bag: v.Bag, MaxRows: v.MaxRows, Margin: v.Margin, Alpha: v.Alpha}
	if arms[2] != nil {
		config.PositiveControl = arms[2]
	}
	meter := newMeter(c.stderr, "corpus")
	result, err := corpus.Compare(ctx, arms[0], arms[1], config)
	meter.stop()
	if err != nil {
		return err
	}
	if v.JSON {
		err = printJSON(c.stdout, result)
	} else {
		err = result.Render(c.stdout)
	}
	if err != nil {
		return err
	}
	if code := auditVerdicts[result.Verdict]; code != undetected {
		return code
	}
	return nil
}
