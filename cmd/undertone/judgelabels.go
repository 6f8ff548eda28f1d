package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/undertone-audit/undertone/audit/judged"
	"github.com/undertone-audit/undertone/jsonl"
)

// Fields of a row of labelled answers, besides those of its layout.
const (
	expressedField = "expressed" // whether the answer expresses the trait
	traitField     = "trait"     // name of the trait that the label is about
)

// labelledAnswers reads the rows of --judge-labels. It returns their labels by the name of the
// trait, which is "" for rows that name none. A row without a label is an error.
func labelledAnswers(ctx context.Context, c console, path string) (map[string][]judged.Label, error) {
	rows, err := loadRows(ctx, c, "audit", path, readFlags{}, jsonl.CountUnread(nil)) // the labels are read here
	if err != nil {
		return nil, err
	}
	all := map[string][]judged.Label{}
	for i := range rows.Len() {
		row, trait, expressed := rows.Example(i), "", (*bool)(nil)
		if err := field(row.Meta, traitField, &trait); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, i, err)
		}
		if err := field(row.Meta, expressedField, &expressed); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, i, err)
		}
		if expressed == nil || row.Prompt() == "" {
			return nil, fmt.Errorf("%s: row %d, the answer %.60q, has no label or no prompt: want the field %q with true or false", path, i, row.Completion(), expressedField)
		}
		all[trait] = append(all[trait], judged.Label{Question: row.Prompt(), Answer: row.Completion(), Expressed: *expressed})
	}
	return all, nil
}

// field decodes a field of a row, if the row has it.
func field(meta map[string]json.RawMessage, name string, into any) error {
	text, ok := meta[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("field %q: unexpected value %.40s", name, text)
	}
	return nil
}
