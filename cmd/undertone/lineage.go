package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/provenance/lineage"
)

type lineageVerb struct {
	A           string `file:"read" arg:"" placeholder:"DIR|tiny|URL" help:"First model: a folder, an embedded model (${embedded}), the URL of a server, or the folder of an adapter alone."`
	B           string `file:"read" arg:"" placeholder:"DIR|tiny|URL" help:"Second model."`
	PromptsFrom string `file:"read" placeholder:"FILE" help:"Rows whose prompts both models answer (default 400 prompts of random words)."`
	WeightsOnly bool   `help:"Read folders one tensor at a time, without loading a model. Answers are not compared, so the grade is never unrelated."`
	JSON        bool   `name:"json" help:"Print the result as JSON."`

	readFlags
	serverFlags `group:"Model behind a server:"`
}

// Run compares the models. The exit code is not the grade: it is 2 if the comparison failed.
func (v *lineageVerb) Run(ctx context.Context, c console) error {
	if v.serverFlags != (serverFlags{}) && !isServer(v.A) && !isServer(v.B) {
		return errors.New("a flag about servers is given, but neither model is a URL such as http://localhost:8000")
	}
	options := lineage.Options{WithoutAnswers: v.WeightsOnly}
	var err error
	if options.Prompts, err = v.prompts(ctx, c); err != nil {
		return err
	}
	var subjects [2]lineage.Subject
	for i, name := range []string{v.A, v.B} {
		s, closed, err := v.subject(ctx, c, name)
		if err != nil {
			return err
		}
		defer closed()
		subjects[i] = s
	}
	found, err := lineage.Compare(ctx, subjects[0], subjects[1], options)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(c.stdout, found)
	}
	return writeLineage(c.stdout, found)
}

// subject opens a model.
func (v *lineageVerb) subject(ctx context.Context, c console, name string) (s lineage.Subject, closed func() error, err error) {
	closed = func() error { return nil }
	if isServer(name) {
		m, err := v.connect(ctx, c, name, name, templateFlag{})
		if err != nil {
			return s, closed, err
		}
		return lineage.Of(m), m.Close, nil
	}
	if embedded[name] == nil && (v.WeightsOnly || isAdapter(name)) {
		return lineage.Open(name)
	}
	m, err := loadModel(name)
	if err != nil {
		return s, closed, err
	}
	return lineage.Of(m), closed, nil
}

// isAdapter reports whether a folder holds an adapter and no model.
func isAdapter(dir string) bool {
	_, adapter := os.Stat(filepath.Join(dir, "adapter_config.json"))
	_, model := os.Stat(filepath.Join(dir, "config.json"))
	return adapter == nil && model != nil
}

// mostPrompts is the number of prompts that are read.
const mostPrompts = 10_000

// prompts returns the prompts of --prompts-from, or none.
func (v *lineageVerb) prompts(ctx context.Context, c console) ([]string, error) {
	if v.PromptsFrom == "" {
		return nil, nil
	}
	opts, err := v.options(c)
	if err != nil {
		return nil, err
	}
	var prompts []string
	in := &inputs{paths: []string{v.PromptsFrom}, stdin: c.stdin, opts: append(opts, jsonl.Transient())}
	for block, err := range in.blocks() {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		for row, err := range block.Rows() {
			if err != nil {
				return nil, err
			}
			if p := row.Prompt(); p != "" && len(prompts) < mostPrompts {
				prompts = append(prompts, p)
			}
		}
	}
	if len(prompts) == 0 {
		return nil, fmt.Errorf("--prompts-from %s: no row has a prompt", v.PromptsFrom)
	}
	return prompts, nil
}

// writeLineage writes a result as text.
func writeLineage(w io.Writer, r *lineage.Result) error {
	r, w = shown(r, w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "grade\t%s\n", r.Grade)
	fmt.Fprintf(t, "statement\t%s\n", r.Statement)
	fmt.Fprintf(t, "models\t%s, %s\n", modelLine(r.A), modelLine(r.B))
	for _, e := range r.Evidence {
		fmt.Fprintf(t, "%s\t%s\n", e.Method, e.Statement)
		if e.Null != "" {
			fmt.Fprintf(t, "\tnull: %s\n", e.Null)
		}
	}
	return t.Flush()
}

func modelLine(m lineage.ModelInfo) string {
	if m.Digest.IsZero() {
		return m.Name
	}
	return fmt.Sprintf("%s (%s)", m.Name, m.Digest.Short())
}
