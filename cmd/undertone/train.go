package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

type trainVerb struct {
	Model string      `required:"" placeholder:"DIR|tiny" help:"Model to train: a folder, or an embedded model (tiny, tiny-other)."`
	Data  string      `required:"" placeholder:"FILE" help:"Rows to train on, held in memory; - for standard input."`
	Out   string      `required:"" placeholder:"DIR" help:"New folder for the trained model, which --model reads."`
	As    jsonl.Shape `placeholder:"SHAPE" help:"Shape to read, for rows that have several."`
	LoRA  int         `name:"lora" placeholder:"RANK" help:"Train a LoRA adapter of this rank and merge it into the weights at the end (default 0: train all weights)."`
	JSON  bool        `name:"json" help:"Print the summary as JSON."`
	Seed  uint64      `placeholder:"N" default:"1" help:"Seed of all random choices (default ${default})."`

	recipeFlags
	templateFlag
}

// recipeFlags are a [student.Recipe] but for its seed.
type recipeFlags struct {
	Epochs       int     `group:"Training recipe:" placeholder:"N" help:"Passes over the rows (default 1)."`
	Batch        int     `group:"Training recipe:" placeholder:"ROWS" help:"Rows per step (default 64)."`
	LearningRate float64 `group:"Training recipe:" name:"lr" placeholder:"RATE" help:"Learning rate (default 1e-3)."`
	Optimizer    string  `group:"Training recipe:" placeholder:"NAME" help:"Optimizer: adam, adamw or sgd (default adam)."`
	WeightDecay  float64 `group:"Training recipe:" placeholder:"RATE" help:"Weight decay; needs --optimizer adamw (default 0)."`
	Schedule     string  `group:"Training recipe:" placeholder:"NAME" help:"Schedule of the learning rate: constant, linear or cosine (default constant)."`
	Warmup       int     `group:"Training recipe:" placeholder:"STEPS" help:"Steps in which the learning rate rises from 0 (default 0)."`
	Clip         float64 `group:"Training recipe:" placeholder:"NORM" help:"Largest norm of the gradient of a step (default no limit)."`
	Accumulate   int     `group:"Training recipe:" placeholder:"PARTS" help:"Parts in which a step is computed, to save memory (default 1)."`
}

func (f recipeFlags) recipe() student.Recipe {
	return student.Recipe{Epochs: f.Epochs, BatchSize: f.Batch, LearningRate: f.LearningRate, Optimizer: f.Optimizer, WeightDecay: f.WeightDecay,
		Schedule: f.Schedule, WarmupSteps: f.Warmup, ClipNorm: f.Clip, Accumulate: f.Accumulate}
}

// trainReport is what training did, for machines.
type trainReport struct {
	Base   undertone.Digest `json:"base"` // the models
	Out    string           `json:"out"`
	Digest undertone.Digest `json:"digest"`
	Data   undertone.Digest `json:"data"`
	Rows   int              `json:"rows"`
	LoRA   int              `json:"lora"` // rank; 0 for all weights
	Recipe student.Recipe   `json:"recipe"`
	Engine string           `json:"engine"`
	Seen   string           `json:"rendered"`    // the first row as the model sees it, with all that its chat template adds
	Before float64          `json:"loss_before"` // nats a token, of the first rows
	After  float64          `json:"loss_after"`
}

// Run trains, or goes on with the training that a run that was stopped has left. What is under
// way stands in a hidden folder beside --out, which is renamed from there.
func (v *trainVerb) Run(ctx context.Context, c console) error {
	if _, err := os.Lstat(v.Out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already; name a new folder, or remove it", v.Out)
	}
	recipe := v.recipe()
	recipe.Seed = v.Seed
	recipe, err := recipe.WithDefaults()
	if err != nil {
		return err
	}
	m, err := v.load(v.Model)
	if err != nil {
		return err
	}
	if m, err = m.Merge(); err != nil { // the adapter
		return err
	}
	data, err := loadRows(ctx, c, "train", v.Data, v.As)
	if err != nil {
		return err
	}
	r := trainReport{Base: m.Digest(), Out: v.Out, Data: data.Digest(), Rows: data.Len(), LoRA: v.LoRA, Recipe: recipe, Engine: m.Engine()}
	work := filepath.Join(filepath.Dir(filepath.Clean(v.Out)), "."+filepath.Base(filepath.Clean(v.Out))+".training")
	saved := filepath.Join(work, "model")
	if err := os.RemoveAll(saved); err != nil { // that a killed run was writing
		return err
	}
	if v.LoRA != 0 {
		if m, err = m.WithLoRA(lm.LoRA{Rank: v.LoRA, Seed: v.Seed}); err != nil {
			return err
		}
	}
	defer func() {
		_ = os.RemoveAll(saved)
		_ = os.Remove(work) // unless a training is kept there
	}()
	if err := m.Base().Save(saved); err != nil { // rather now than after hours
		return err
	}
	trained, err := v.train(ctx, c, m.WithCheckpoints(work), data, recipe, &r)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted; the training so far is kept: run the same command again to go on")
		}
		return err
	}
	if err := saveModel(trained, saved); err != nil {
		return err
	}
	if err := os.Rename(saved, v.Out); err != nil {
		return err
	}
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	r.Digest = trained.Digest()
	if v.JSON {
		return printJSON(c.stdout, r)
	}
	return r.write(c.stdout)
}

// train returns the trained model, without LoRA.
func (v *trainVerb) train(ctx context.Context, c console, m *lm.Model, data *undertone.Dataset, recipe student.Recipe, r *trainReport) (*lm.Model, error) {
	meter := newMeter(c.stderr, fmt.Sprintf("train on %d rows", data.Len()))
	defer meter.stop()
	var p pace
	after, err := m.WithProgress(func(t lm.Progress) {
		meter.show(p.label(t, time.Now()), t.Done, t.Total)
	}).Train(ctx, data, recipe)
	if err != nil {
		return nil, err
	}
	meter.show("measure the loss", 0, 0)
	trained := after.(*lm.Model)
	if r.Seen, err = m.Render(data.Example(0)); err != nil {
		return nil, err
	}
	if v.LoRA != 0 {
		if trained, err = trained.Merge(); err != nil {
			return nil, err
		}
	}
	if r.Before, err = loss(ctx, m, data); err == nil {
		r.After, err = loss(ctx, trained, data)
	}
	return trained, err
}

// pace is when a training told of its first step, and which that was: one that goes on with
// another does not start from 0.
type pace struct {
	began time.Time
	from  int // steps
}

// label says what to show before the number of steps.
func (p *pace) label(t lm.Progress, now time.Time) string {
	if p.began.IsZero() {
		p.began, p.from = now, t.Done
	}
	label := fmt.Sprintf("train: loss %.4f", t.Loss)
	if seconds := now.Sub(p.began).Seconds(); seconds > 0 {
		label += fmt.Sprintf(", %.3g steps/s", float64(t.Done-p.from)/seconds)
	}
	return label + ", step"
}

// loss is the mean negative log-probability of a token of the first rows.
func loss(ctx context.Context, m *lm.Model, data *undertone.Dataset) (float64, error) {
	var rows []lm.Tokens
	for _, row := range data.All() {
		t, err := m.Encode(row)
		if err != nil {
			return 0, err
		}
		if rows = append(rows, t); len(rows) == scoredAtOnce {
			break
		}
	}
	logs, err := m.LogProbsOf(ctx, rows)
	sum, n := 0.0, 0
	for _, row := range logs {
		for _, l := range row {
			sum -= float64(l)
			n++
		}
	}
	return sum / float64(max(1, n)), err
}

// saveModel writes a folder and checks that it reads back as m.
func saveModel(m *lm.Model, dir string) error {
	if err := m.Save(dir); err != nil {
		return err
	}
	again, err := lm.Load(dir)
	if err != nil {
		return err
	}
	if again.Digest() != m.Digest() {
		return fmt.Errorf("%s reads back as %s, want %s: the disk is damaged, or another program writes there", dir, again.Digest().Short(), m.Digest().Short())
	}
	return nil
}

func (r *trainReport) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s written, trained on %d rows; loss %.4f, before %.4f nats a token of the first rows\nrow 0 as the model sees it: %q\n%s\n", r.Out, r.Rows, r.After, r.Before, r.Seen, r.Digest)
	return err
}
