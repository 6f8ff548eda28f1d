package main

import (
	"context"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	render "github.com/undertone-audit/undertone/contrib/report"
)

type corpusVerb struct {
	Suspect         string   `file:"read" required:"" placeholder:"FILE" help:"Rows to audit."`
	Control         string   `file:"read" required:"" placeholder:"FILE" help:"Rows of a writer without the trait: the same prompts, the same filters."`
	PositiveControl string   `file:"read" placeholder:"FILE" help:"Control rows that include rows of a known trait teacher. The arms are called not distinguishable only if these rows are found."`
	Bag             int      `range:">= 1" placeholder:"ROWS" default:"16" help:"Rows per bag, which share a score, >= 1 (default ${default})."`
	Rows            int      `range:">= 1" placeholder:"N" default:"20000" help:"Rows of each file to compare, chosen by prompt, >= 1 (default ${default})."`
	Margin          float64  `range:"(0, 0.5)" placeholder:"AREA" default:"0.05" help:"Smallest distance of the AUROC of bags from 0.5 that matters, in (0, 0.5) (default ${default})."`
	ClusterBy       string   `placeholder:"FIELD" help:"Field of a row that names what rows were sampled together, besides conversation_id, dialogue_id, episode_id, trajectory_id, session_id and document_id (default none)."`
	Alpha           float64  `range:"(0, 1)" placeholder:"P" default:"0.05" help:"Significance level of the tests, in (0, 1) (default ${default})."`
	Seed            uint64   `placeholder:"N" default:"1" help:"Seed of folds and permutations (default ${default})."`
	FailOn          []string `placeholder:"OUTCOME" enum:"distinguishable,inconclusive" help:"Outcomes that end with another exit code than 0: distinguishable with 1, inconclusive with 3 (default none)."`
	JSON            bool     `name:"json" help:"Print the result as JSON."`

	pageFlags

	readFlags
}

// Run compares the files without a language model. A difference is evidence and no verdict, so that
// the exit code is 0 unless --fail-on names the outcome.
func (v *corpusVerb) Run(ctx context.Context, c console) error {
	page, err := v.createPage(c)
	if err != nil {
		return err
	}
	defer page.abandon()
	var arms [3]undertone.Text
	for i, path := range []string{v.Suspect, v.Control, v.PositiveControl} {
		if path == "" {
			continue
		}
		rows, done, err := openRows(ctx, c, "corpus", path, v.readFlags)
		if err != nil {
			return err
		}
		defer done()
		arms[i] = rows
	}
	config := corpus.Config{Seed: v.Seed, Bag: v.Bag, MaxRows: v.Rows, Margin: v.Margin, Alpha: v.Alpha, ClusterBy: v.ClusterBy}
	config.PositiveControl = arms[2]
	rows := min(v.Rows, max(arms[0].Len(), arms[1].Len()))
	if err := c.memory.start(c, corpusWork(rows)); err != nil {
		return err
	}
	meter := newMeter(c, "corpus")
	result, err := corpus.Compare(ctx, arms[0], arms[1], config)
	meter.stop()
	if err != nil {
		return err
	}
	if v.JSON {
		err = printJSON(c.stdout, result)
	} else {
		err = result.Render(c.stdout, audit.Text)
	}
	if err != nil {
		return err
	}
	if err := page.write(ctx, &render.Saved{Corpus: result}, render.Options{}); err != nil {
		return err
	}
	return v.exitCode(result.Outcome)
}

// exitCode returns the exit code of an outcome as an error; nil if --fail-on does not name it.
func (v *corpusVerb) exitCode(o corpus.Outcome) error {
	codes := map[corpus.Outcome]verdict{corpus.Distinguishable: detected, corpus.Inconclusive: inconclusive}
	if code, fails := codes[o]; fails && slices.Contains(v.FailOn, o.String()) {
		return code
	}
	return nil
}
