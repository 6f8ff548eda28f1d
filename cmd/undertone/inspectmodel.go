package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// isModel reports whether the argument is a model and not a file of rows.
func isModel(path string) bool {
	if _, ok := embedded[path]; ok {
		_, err := os.Stat(path)
		return err != nil // a file of this name takes precedence
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// modelInspection describes a model.
type modelInspection struct {
	Model      string             `json:"model"`
	Adapter    string             `json:"adapter,omitempty"`
	Digest     undertone.Digest   `json:"digest"`  // of everything that its answers depend on
	Lineage    undertone.Digest   `json:"lineage"` // of the initial weights of its training
	Parameters int64              `json:"parameters"`
	Config     transformer.Config `json:"config"`
	Tokenizer  struct {
		Tokens int    `json:"tokens"`
		BOS    string `json:"bos"` // "" for none
		EOS    string `json:"eos"`
		Digest string `json:"digest"`
	} `json:"tokenizer"`
	Settings lm.Settings `json:"settings"`
	Problem  string      `json:"problem,omitempty"` // why chats cannot be rendered
	Example  string      `json:"example,omitempty"` // a rendered chat
	Added    []string    `json:"added,omitempty"`   // what the template adds to chats, with and without a system message
	Engine   string      `json:"engine"`            // compute engine of this machine
	Warnings []string    `json:"warnings"`          // of a sanity check, which embedded models do not need; never null
}

func inspectModel(ctx context.Context, name string, f adapterFlag) (*modelInspection, error) {
	m, err := f.load(name)
	if err != nil {
		return nil, err
	}
	found := &modelInspection{Model: name, Adapter: f.Adapter, Digest: m.Digest(), Lineage: m.Lineage(), Parameters: m.Parameters(), Config: m.Config(),
		Settings: m.Settings(), Engine: m.Engine(), Warnings: []string{}}
	tok := m.Tokenizer()
	found.Tokenizer.Tokens = tok.Len()
	found.Tokenizer.Digest = undertone.Digest(tok.Fingerprint()).String()
	if id, ok := tok.BOS(); ok {
		found.Tokenizer.BOS = tok.Token(id)
	}
	if id, ok := tok.EOS(); ok {
		found.Tokenizer.EOS = tok.Token(id)
	}
	found.Example, err = m.Render(undertone.NewExample("Question?", "Answer."))
	switch {
	case errors.Is(err, lm.ErrTemplate), errors.Is(err, chattemplate.ErrRaised), errors.Is(err, chattemplate.ErrTurn), errors.Is(err, chattemplate.ErrLimit):
		found.Problem = err.Error()
	case err != nil:
		return nil, err
	}
	found.Added = additions(m)
	if found.embedded() {
		return found, nil // its words are too few for the sentence of the check
	}
	warnings, err := m.Check(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		warnings = []string{"not possible: " + err.Error()}
	}
	found.Warnings = append(found.Warnings, warnings...)
	return found, nil
}

// additions returns what the template of a model adds to chats.
func additions(m *lm.Model) []string {
	additionsTo := m.Additions()
	if additionsTo == nil {
		return nil
	}
	var all []string
	row := undertone.NewExample("Question?", "Answer.")
	without := statements(additionsTo(row))
	row.Messages = append([]undertone.Message{{Role: "system", Content: "Instruction."}}, row.Messages...)
	with := statements(additionsTo(row))
	for _, s := range without {
		if !slices.Contains(with, s) {
			s += " (in rows without a system message)"
		}
		all = append(all, s)
	}
	for _, s := range with {
		if !slices.Contains(without, s) {
			all = append(all, s+" (in rows with a system message)")
		}
	}
	return all
}

// statements returns the statements of additions.
func statements(all []student.Addition) []string {
	var texts []string
	for _, a := range all {
		texts = append(texts, a.Statement)
	}
	return texts
}

// embedded reports whether the model is part of the library.
func (f *modelInspection) embedded() bool { return embedded[f.Model] != nil }

// write writes the inspection as text.
func (f *modelInspection) write(w io.Writer) error {
	quoted := *f
	quoted.Example = strconv.Quote(f.Example)
	f, w = shown(&quoted, w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	c := f.Config
	fmt.Fprintf(t, "model\t%s, %d parameters\n", f.Model, f.Parameters)
	if f.Adapter != "" {
		fmt.Fprintf(t, "adapter\t%s\n", f.Adapter)
	}
	fmt.Fprintf(t, "digest\t%s\n", f.Digest)
	fmt.Fprintf(t, "lineage\t%s\n", f.Lineage)
	fmt.Fprintf(t, "network\t%s, %d layers of %d, %d heads (%d of keys and values), feed-forward %d, context %d\n",
		c.Architecture, c.Layers, c.Dim, c.Heads, c.KVHeads, c.Hidden, c.Context)
	if note := c.ContextNote(); note != "" {
		fmt.Fprintf(t, "context\t%s\n", note)
	}
	fmt.Fprintf(t, "tokenizer\t%d tokens in an embedding of %d, begins %q, ends %q\n", f.Tokenizer.Tokens, c.Vocabulary, f.Tokenizer.BOS, f.Tokenizer.EOS)
	if f.Problem != "" {
		fmt.Fprintf(t, "template\t%s\n", f.Problem)
	} else {
		fmt.Fprintf(t, "template\t%s: %s\n", f.Settings.Template.Name, f.Example)
		for _, a := range f.Added {
			fmt.Fprintf(t, "\t%s\n", a)
		}
	}
	fmt.Fprintf(t, "engine\t%s\n", f.Engine)
	if f.embedded() {
		fmt.Fprintf(t, "check\tnot needed: an embedded model\n")
	} else if len(f.Warnings) == 0 {
		fmt.Fprintf(t, "check\tpassed: its own text and plain English are likelier than chance\n")
	} else {
		fmt.Fprintf(t, "check\t%s\n", strings.Join(f.Warnings, "\n\t"))
	}
	return t.Flush()
}
