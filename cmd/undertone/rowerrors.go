package main

import (
	"errors"
	"strings"

	"github.com/undertone-audit/undertone/jsonl"
)

// rowOptions are the flags that stand for the options of package jsonl in its errors. The other
// options have no flag.
var rowOptions = map[string]string{"As": "choose a shape with --as", "Detokenise": "name their tokenizer with --tokenizer"}

// withFlags returns the text of an error in which flags replace the options of package jsonl.
func withFlags(err error) string {
	var e *jsonl.Error
	if !errors.As(err, &e) || e.Option == "" {
		return err.Error()
	}
	flagged := *e
	flagged.Option = ""
	if use := rowOptions[e.Option]; use != "" && e.Hint != "" {
		flagged.Hint += ", or " + use
	} else if use != "" {
		flagged.Hint = use
	}
	return strings.Replace(err.Error(), e.Error(), flagged.Error(), 1)
}
