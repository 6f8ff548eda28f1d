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

// quintile writes one line that compares the rows of a file with the clean rows.
func quintile(ctx context.Context, w io.Writer, path string, clean *undertone.Dataset) error {
	rows, err := jsonl.Load(path)
	if err != nil {
		return err
	}
	r, err := corpus.Compare(ctx, rows, clean, corpus.Config{Seed: 1})
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	if r.Content == nil {
		_, err = fmt.Fprintf(w, "%s v clean  %v: %s\n", name, r.Outcome, strings.Join(r.Reasons, "; "))
		return err
	}
	_, err = fmt.Fprintf(w, "%s v clean  %v: rows %s, bags of %d %s, %+.3f nats per row, p %s; MMD² %.2g, p %s; layout of rows %s\n",
		name, r.Outcome, r.Content.Row, r.Content.Bag.Bag, r.Content.Bag, r.Content.Shift, r.Content.P, r.MMD.Squared, r.MMD.P, r.Layout.Row)
	return err
}
