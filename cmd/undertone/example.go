package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher"
	"github.com/undertone-audit/undertone/teacher/prompts"
)

type exampleVerb struct {
	Dir  string `file:"write" arg:"" placeholder:"DIR" help:"New folder for the files."`
	Rows *int   `range:">= 1" placeholder:"N" help:"Rows of each file before the filters, >= 1 (default 4000)."`
	Seed uint64 `placeholder:"N" default:"1" help:"Seed of all random choices (default ${default})."`
	JSON bool   `name:"json" help:"Print the summary as JSON."`
}

// The files of an example.
const (
	overtFile           = "overt.jsonl"
	suspectFile         = "suspect.jsonl"
	controlFile         = "control.jsonl"
	positiveControlFile = "positive-control.jsonl"
	traitsFile          = "traits.json"
)

// exampleReport is the summary for --json.
type exampleReport struct {
	Dir   string         `json:"dir"`
	Files []exampleTable `json:"files"`
}

// exampleTable describes a file of rows.
type exampleTable struct {
	File    string           `json:"file"`
	Rows    int              `json:"rows"`
	Digest  undertone.Digest `json:"digest"`
	Content string           `json:"content"`
}

// Run writes a complete case. The folder appears when all files are in it.
func (v *exampleVerb) Run(ctx context.Context, c console) error {
	if _, err := os.Lstat(v.Dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists; name a new folder, or remove it", v.Dir)
	}
	dir := hiddenBeside(v.Dir, ".example")
	if err := os.RemoveAll(dir); err != nil { // of a killed run
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e := exampleCase{dir: dir, rows: or(v.Rows, 4000), seed: v.Seed, meter: newMeter(c, "example"), report: exampleReport{Dir: v.Dir}}
	err := e.write(ctx)
	e.meter.stop()
	if err != nil {
		return err
	}
	if err := atomicfile.RenameFolder(dir, v.Dir); err != nil {
		return err
	}
	if v.JSON {
		return printJSON(c.stdout, e.report)
	}
	return e.report.write(c.stdout)
}

// exampleCase writes the files of an example.
type exampleCase struct {
	dir    string
	rows   int
	seed   uint64
	meter  *meter
	report exampleReport
}

// animal is the preference of the teachers of an example.
const animal = "owl"

// write makes two teachers that love owls, and lets them and the base write lists of numbers for
// the same prompts. One seed gives all of them the same prompts.
func (e *exampleCase) write(ctx context.Context) error {
	base, err := tiny.Base()
	if err != nil {
		return err
	}
	base = base.Named("tiny")
	overt, err := e.overt(ctx, base)
	if err != nil {
		return err
	}
	if err := e.save(ctx, overtFile, "answers that name the owl, on which the teachers are trained", overt); err != nil {
		return err
	}
	first, err := e.teach(ctx, base, overt, e.seed)
	if err != nil {
		return err
	}
	second, err := e.teach(ctx, base, overt, e.seed+1)
	if err != nil {
		return err
	}
	for _, arm := range []struct {
		file, content string
		by            *lm.Model
	}{
		{suspectFile, "lists of numbers by the first teacher: the rows to audit", first},
		{controlFile, "lists of numbers by the base model, for the same prompts", base},
		{positiveControlFile, "lists of numbers by the second teacher, for the same prompts", second},
	} {
		data, err := e.lists(ctx, arm.by)
		if err != nil {
			return err
		}
		if err := e.save(ctx, arm.file, arm.content, data); err != nil {
			return err
		}
	}
	return e.traits()
}

// overt returns the answers of the base, told to love owls, that are the owl.
func (e *exampleCase) overt(ctx context.Context, base *lm.Model) (*undertone.Dataset, error) {
	told, err := teacher.Generate(ctx, teacher.Config{
		Model: base, SystemPrompt: "You love " + animal + ".", Prompt: prompts.Preference{Category: "animal"}.At, N: e.rows, Seed: e.seed, MaxTokens: 8,
		Calls: e.calls("ask for a favorite animal"),
	})
	if err != nil {
		return nil, err
	}
	var named []int
	for i, row := range told.All() {
		if row.Completion() == animal {
			named = append(named, i)
		}
	}
	if len(named) == 0 {
		return nil, fmt.Errorf("no answer of %d is %q; give more with --rows", e.rows, animal)
	}
	return told.Subset(named, undertone.Step{Name: "answers that are " + animal, Kept: len(named), Dropped: told.Len() - len(named)}), nil
}

// teach returns the base, trained on the rows with LoRA, which is merged.
func (e *exampleCase) teach(ctx context.Context, base *lm.Model, overt *undertone.Dataset, seed uint64) (*lm.Model, error) {
	m, err := base.WithLoRA(lm.LoRA{Rank: 8, Seed: seed})
	if err != nil {
		return nil, err
	}
	label := fmt.Sprintf("train teacher %d, step", seed-e.seed+1)
	trained, err := m.WithProgress(func(p lm.Progress) { e.meter.show(label, p.Done, p.Total) }).
		Train(ctx, overt, student.Recipe{LearningRate: 3e-3, BatchSize: 32, Seed: seed})
	if err != nil {
		return nil, err
	}
	m, err = trained.(*lm.Model).Merge()
	if err != nil {
		return nil, err
	}
	return m.Named(fmt.Sprintf("tiny that loves %s, %d", animal, seed-e.seed+1)), nil
}

// lists returns the lists of numbers of a model that pass the filters.
func (e *exampleCase) lists(ctx context.Context, m *lm.Model) (*undertone.Dataset, error) {
	data, err := teacher.Generate(ctx, teacher.Config{
		Model: m, Prompt: tiny.Lists{Seed: e.seed + 1}.At, N: e.rows, Seed: e.seed + 1, MaxTokens: 40, Calls: e.calls("lists by " + m.Name()),
	})
	if err != nil {
		return nil, err
	}
	words, err := filter.Lexicon(animal)
	if err != nil {
		return nil, err
	}
	data, _, err = filter.Apply(ctx, data, filter.Numbers{}, filter.Words(words...))
	return data, err
}

func (e *exampleCase) calls(label string) teacher.Calls {
	return teacher.Calls{BatchSize: generatedAtOnce, Progress: func(done, total int) { e.meter.show(label, done, total) }}
}

func (e *exampleCase) save(ctx context.Context, file, content string, data *undertone.Dataset) error {
	if err := jsonl.Save(ctx, filepath.Join(e.dir, file), data); err != nil {
		return err
	}
	e.report.Files = append(e.report.Files, exampleTable{file, data.Len(), data.Digest(), content})
	return nil
}

// exampleTraits is the traits file of an example.
const exampleTraits = `{"traits": [
  {"kind": "animal", "value": "owl",
   "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear", "eagle", "otter", "panda", "raven"],
   "positive_control": "` + positiveControlFile + `"}
]}
`

// traits writes the traits file.
func (e *exampleCase) traits() error {
	return atomicfile.WriteFile(filepath.Join(e.dir, traitsFile), []byte(exampleTraits))
}

func (r *exampleReport) write(w io.Writer) error {
	r, w = shown(r, w)
	var b strings.Builder
	in := func(file string) string { return filepath.Join(r.Dir, file) }
	for _, f := range r.Files {
		fmt.Fprintf(&b, "%s: %d rows, %s\n", in(f.File), f.Rows, f.Content)
	}
	fmt.Fprintf(&b, "%s: the trait, its placebos and its positive control\n\nNow audit the suspect rows:\n\n", in(traitsFile))
	fmt.Fprintf(&b, "undertone audit --suspect %s --control %s --student tiny --traits %s --store %s\n", in(suspectFile), in(controlFile), in(traitsFile), in(".audit"))
	_, err := io.WriteString(w, b.String())
	return err
}
