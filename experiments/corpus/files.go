package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/jsonl"
)

// bags reads a file of labelled bags. The prompt shows the lists of one bag, each after a number
// and ")". The completion is "yes" if a teacher with the trait wrote them.
func bags(path string) ([]corpus.Bag, error) {
	data, err := jsonl.Load(path)
	if err != nil {
		return nil, err
	}
	read := make([]corpus.Bag, data.Len())
	for i, question := range data.All() {
		for line := range strings.Lines(question.Prompt()) {
			_, list, ok := strings.Cut(strings.TrimSpace(line), ") ")
			if ok {
				read[i].Rows = append(read[i].Rows, undertone.NewExample("", list))
			}
		}
		if len(read[i].Rows) == 0 {
			return nil, fmt.Errorf("%s: row %d contains no list", path, i+1)
		}
		read[i].Suspect = question.Completion() == "yes"
	}
	return read, nil
}

// compare writes one line that compares the rows of a file with control rows.
func compare(ctx context.Context, w io.Writer, path string, control *undertone.Dataset, seed uint64) error {
	rows, err := jsonl.Load(path)
	if err != nil {
		return err
	}
	r, err := corpus.Compare(ctx, rows, control, corpus.Config{Seed: seed})
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	if r.Content == nil {
		_, err = fmt.Fprintf(w, "%s, seed %d: %v: %s\n", name, seed, r.Outcome, strings.Join(r.Reasons, "; "))
		return err
	}
	_, err = fmt.Fprintf(w, "%s, seed %d: %v by %s: content: rows %s, bags of %d %s, %+.3f nats per row, p %s; given the layout: bags %s, p %s, overlap %.2f; layout: rows %s, bags %s, p %s; MMD² %.2g, p %s\n",
		name, seed, r.Outcome, strings.Join(r.By, " and "), r.Content.Row, r.Content.Bag.Bag, r.Content.Bag, r.Content.Shift, r.Content.P,
		r.Beyond.Bag, r.Beyond.P, r.Beyond.Overlap, r.Layout.Row, r.Layout.Bag, r.Layout.P, r.MMD.Squared, r.MMD.P)
	return err
}
