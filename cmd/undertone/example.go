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
	"github.com/undertone-audit/undertone/provenance"
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

	overtManifest *provenance.Manifest
}

// animal is the preference of the teachers of an example.
const animal = "owl"

// write makes two teachers that love owls, and lets them and the base write lists of numbers for
// the same prompts. One seed gives all of them the same prompts.
func (e *exampleCase) write(ctx context.Context) error {
	untrained, err := tiny.Base()
	if err != nil {
		return err
	}
	base := exampleBase(untrained.Named("tiny"))
	overt, err := e.overt(ctx, base)
	if err != nil {
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
		by            exampleModel
	}{
		{suspectFile, "lists of numbers by the first teacher: the rows to audit", first},
		{controlFile, "lists of numbers by the base model, for the same prompts", base},
		{positiveControlFile, "lists of numbers by the second teacher, for the same prompts", second},
	} {
		if err := e.lists(ctx, arm.by, arm.file, arm.content); err != nil {
			return err
		}
	}
	return e.traits()
}

// overt writes the answers of the base, told to love owls, that are the owl.
func (e *exampleCase) overt(ctx context.Context, base exampleModel) (*undertone.Dataset, error) {
	asked := teacher.Config{
		Model: base.Model, SystemPrompt: "You love " + animal + ".", Prompt: prompts.Preference{Category: "animal"}.At, N: e.rows, Seed: e.seed, MaxTokens: 8,
		Calls: e.calls("ask for a favorite animal"),
	}
	told, err := teacher.Generate(ctx, asked)
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
	data := told.Subset(named, undertone.Step{Name: "answers that are " + animal, Kept: len(named), Dropped: told.Len() - len(named)})
	step := provenance.Step{Kind: provenance.SelectStep, Name: "answers that are " + animal, In: told.Len(), Out: data.Len(), Dropped: told.Len() - data.Len()}
	e.overtManifest, err = e.save(ctx, exampleRows{overtFile, "answers that name the owl, on which the teachers are trained", data, base, asked, []provenance.Step{step}})
	return data, err
}

// teach returns the base, trained on the rows with LoRA, which is merged.
func (e *exampleCase) teach(ctx context.Context, base exampleModel, overt *undertone.Dataset, seed uint64) (exampleModel, error) {
	const rank = 8
	recipe := student.Recipe{LearningRate: 3e-3, BatchSize: 32, Seed: seed}
	m, err := base.WithLoRA(lm.LoRA{Rank: rank, Seed: seed})
	if err != nil {
		return exampleModel{}, err
	}
	label := fmt.Sprintf("train teacher %d, step", seed-e.seed+1)
	trained, err := m.WithProgress(func(p lm.Progress) { e.meter.show(label, p.Done, p.Total) }).
		Train(ctx, overt, recipe)
	if err != nil {
		return exampleModel{}, err
	}
	m, err = trained.(*lm.Model).Merge()
	if err != nil {
		return exampleModel{}, err
	}
	return e.taught(m.Named(fmt.Sprintf("tiny that loves %s, %d", animal, seed-e.seed+1)), base, recipe, rank)
}

// lists writes the lists of numbers of a model that pass the filters.
func (e *exampleCase) lists(ctx context.Context, m exampleModel, file, content string) error {
	asked := teacher.Config{
		Model: m.Model, Prompt: tiny.Lists{Seed: e.seed + 1}.At, N: e.rows, Seed: e.seed + 1, MaxTokens: 40, Calls: e.calls("lists by " + m.Name()),
	}
	data, err := teacher.Generate(ctx, asked)
	if err != nil {
		return err
	}
	words, err := filter.Lexicon(animal)
	if err != nil {
		return err
	}
	filters := []filter.Filter{filter.Numbers{}, filter.Words(words...)}
	data, stats, err := filter.Apply(ctx, data, filters...)
	if err != nil {
		return err
	}
	_, err = e.save(ctx, exampleRows{file, content, data, m, asked, filterSteps(stats, filters...)})
	return err
}

func (e *exampleCase) calls(label string) teacher.Calls {
	return teacher.Calls{BatchSize: generatedAtOnce, Progress: func(done, total int) { e.meter.show(label, done, total) }}
}

// exampleRows is a file of rows and how they were made.
type exampleRows struct {
	file, content string
	data          *undertone.Dataset
	by            exampleModel
	asked         teacher.Config
	steps         []provenance.Step
}

// save writes a file of rows, and then its manifest.
func (e *exampleCase) save(ctx context.Context, r exampleRows) (*provenance.Manifest, error) {
	bytes := newHashing()
	if err := jsonl.Save(ctx, filepath.Join(e.dir, r.file), r.data, jsonl.Tee(bytes)); err != nil {
		return nil, err
	}
	e.report.Files = append(e.report.Files, exampleTable{r.file, r.data.Len(), r.data.Digest(), r.content})
	return e.describe(r, bytes)
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
