package main

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/jsonl"
)

// load reads a file of labelled bags: the prompt shows the lists of one bag, a
// number and ")" before each, and the completion says "yes" if a trait teacher wrote them.
func load(path string) ([]corpus.Bag, error) {
	data, err := jsonl.Load(path)
	if err != nil {
		return nil, err
	}
	bags := make([]corpus.Bag, data.Len())
	for i, question := range data.All() {
		for line := range strings.Lines(question.Prompt()) {
			_, list, ok := strings.Cut(strings.TrimSpace(line), ") ")
			if ok {
				bags[i].Rows = append(bags[i].Rows, undertone.Ask("", list))
			}
		}
		if len(bags[i].Rows) == 0 {
			return nil, fmt.Errorf("%s: row %d shows no list", path, i+1)
		}
		bags[i].Suspect = question.Completion() == "yes"
	}
	return bags, nil
}
