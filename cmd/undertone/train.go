package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

type trainVerb struct {
	Model string `file:"read" required:"" placeholder:"DIR|tiny" help:"Model to train: a folder, or an embedded model (${embedded}). An embedded model is trained as audit does: with LoRA of rank 8, learning rate 5e-3, 4 epochs, unless flags or --recipe say otherwise."`
	In    string `file:"read" required:"" placeholder:"FILE" help:"Rows to train on, held in memory; - for standard input."`
	Out   string `file:"write" required:"" placeholder:"DIR" help:"New folder for the trained model, which --model reads."`
	LoRA  *int   `range:"[0, 65536]" name:"lora" placeholder:"RANK" help:"Train a LoRA adapter of this rank, in [0, 65536], and merge it into the weights at the end; 0 trains all weights (default 0; 8 for an embedded model without --recipe)."`
	JSON  bool   `name:"json" help:"Print the summary as JSON."`
	Seed  uint64 `placeholder:"N" default:"1" help:"Seed of all random choices (default ${default})."`

	LoRASeed    *uint64 `name:"lora-seed" placeholder:"N" help:"Seed of the first matrices of LoRA (default that of --seed)."`
	AdapterOnly bool    `help:"Write the LoRA adapter alone, as a folder of Hugging Face's PEFT, which --adapter reads, instead of the merged model. Needs LoRA."`
	Recipe      string  `file:"read" placeholder:"FILE" help:"Training recipe as JSON, with its seed, such as {recipe} of --trainer. Without it the recipe is that of the flags."`

	readFlags
	recipeFlags
	longRowsFlag
	manifestFlag
	templateFlag
}

// recipeFlags holds a [student.Recipe] without its seed.
type recipeFlags struct {
	Epochs       *int     `range:"[1, 1000000]" group:"Training recipe:" placeholder:"N" help:"Passes over the rows, in [1, 1000000] (default 1)."`
	Batch        *int     `range:"[1, 1000000]" group:"Training recipe:" placeholder:"ROWS" help:"Rows per step, in [1, 1000000] (default 64)."`
	LearningRate *float64 `range:"[1e-12, 1000]" group:"Training recipe:" name:"lr" placeholder:"RATE" help:"Learning rate, in [1e-12, 1000] (default 1e-3)."`
	Optimizer    string   `group:"Training recipe:" placeholder:"NAME" help:"Optimizer: adam, adamw or sgd (default adam)."`
	WeightDecay  float64  `range:">= 0" group:"Training recipe:" placeholder:"RATE" help:"Weight decay, >= 0; needs --optimizer adamw (default 0)."`
	Schedule     string   `group:"Training recipe:" placeholder:"NAME" help:"Schedule of the learning rate: constant, linear or cosine (default constant)."`
	Warmup       int      `range:">= 0" group:"Training recipe:" placeholder:"STEPS" help:"Steps in which the learning rate rises from 0, >= 0 (default 0)."`
	Clip         float64  `range:"[1e-12, 1e12]" group:"Training recipe:" placeholder:"NORM" help:"Largest norm of the gradient of a step, in [1e-12, 1e12] (default no limit)."`
	Accumulate   *int     `range:"[1, 65536]" group:"Training recipe:" placeholder:"PARTS" help:"Parts in which a step is computed, to save memory, in [1, 65536] (default 1)."`
}

// recipe returns the recipe, in which a flag that was not given is zero, or an error that names the
// invalid flag.
func (f recipeFlags) recipe() (student.Recipe, error) {
	r := student.Recipe{Optimizer: f.Optimizer, WeightDecay: f.WeightDecay, Schedule: f.Schedule, WarmupSteps: f.Warmup, ClipNorm: f.Clip}
	r.LearningRate, r.Epochs, r.BatchSize, r.Accumulate = or(f.LearningRate, 0), or(f.Epochs, 0), or(f.Batch, 0), or(f.Accumulate, 0)
	return r, f.validate()
}

// validate returns an error that names an invalid flag. The ranges of numbers are those of the
// tags.
func (f recipeFlags) validate() error {
	switch {
	case !slices.Contains([]string{"", student.Adam, student.AdamW, student.SGD}, f.Optimizer):
		return fmt.Errorf("--optimizer is %.40q, want adam, adamw or sgd", f.Optimizer)
	case !slices.Contains([]string{"", student.Constant, student.Linear, student.Cosine}, f.Schedule):
		return fmt.Errorf("--schedule is %.40q, want constant, linear or cosine", f.Schedule)
	case f.WeightDecay > 0 && f.Optimizer != student.AdamW:
		return fmt.Errorf("--weight-decay is %v, want 0, or --optimizer adamw", f.WeightDecay)
	}
	return nil
}

// trainReport is the summary for --json.
type trainReport struct {
	Base        undertone.Digest   `json:"base_digest"` // of the untrained model
	Out         string             `json:"out"`
	Digest      undertone.Digest   `json:"digest"`
	Data        undertone.Digest   `json:"data"`
	Rows        int                `json:"rows"`
	LoRA        int                `json:"lora"`                   // rank; 0 for all weights
	LoRASeed    uint64             `json:"lora_seed,omitempty"`    // of the first matrices
	AdapterOnly bool               `json:"adapter_only,omitempty"` // the folder is an adapter
	Recipe      student.Recipe     `json:"recipe"`
	Engine      string             `json:"engine"`
	Long        undertone.LongRows `json:"long_rows"`
	Seen        string             `json:"rendered"`        // the first row, rendered with the chat template
	Added       []string           `json:"added,omitempty"` // what the chat template adds to the rows
	Before      float64            `json:"loss_before"`     // in nats per token, of the first rows
	After       float64            `json:"loss_after"`
}

// Run trains, or resumes an interrupted training. Its files are in a hidden folder beside --out
// until the trained model is complete.
func (v *trainVerb) Run(ctx context.Context, c console) error {
	before, err := readTraining(v.Out)
	if err != nil {
		return err
	}
	recipe, err := v.fullRecipe()
	if err != nil {
		return err
	}
	if v.AdapterOnly && v.rank() == 0 {
		return errors.New("--adapter-only needs a rank of LoRA: without it all weights are trained, and there is no adapter; give --lora with a rank above 0")
	}
	m, err := v.load("--model", v.Model)
	if err != nil {
		return err
	}
	if m, err = v.limit(m); err != nil {
		return err
	}
	if m, err = m.Merge(); err != nil { // the adapter
		return err
	}
	described, err := v.describes(filepath.Clean(v.Out))
	if err != nil {
		return err
	}
	data, origin, err := loadOrigin(ctx, c, "train", v.In, v.readFlags, described)
	if err != nil {
		return err
	}
	r := trainReport{Base: m.Digest(), Out: v.Out, Data: data.Digest(), Rows: data.Len(), LoRA: v.rank(), Recipe: recipe, Engine: m.Engine()}
	base := m
	if r.LoRA != 0 {
		r.LoRASeed, r.AdapterOnly = or(v.LoRASeed, recipe.Seed), v.AdapterOnly
		if m, err = m.WithLoRA(lm.LoRA{Rank: r.LoRA, Seed: r.LoRASeed}); err != nil {
			return fmt.Errorf("--lora: %w", err)
		}
	}
	step := recipe
	step.BatchSize = max(1, min(recipe.BatchSize, data.Len()))
	w := trainingMemory(m, longestRow(m, data), r.LoRA, 1, step, "")
	if isTerminal(c.stderr) {
		w.time = 3 * float64(recipe.Epochs*data.Len()) * secondsPerScore(ctx, m, data)
	}
	if err := c.memory.start(c, w); err != nil {
		return err
	}
	encoded, err := m.EncodeRows(ctx, data)
	if err != nil {
		return err
	}
	if r.Long, err = m.CountLongRows(ctx, encoded); err != nil {
		return err
	}
	work := hiddenBeside(v.Out, ".training")
	if before != nil {
		m, err := v.finished(c, before, base, &r)
		if err != nil {
			return err
		}
		if err := errors.Join(v.describe(ctx, c, origin, r, base, m), v.print(c, r)); err != nil {
			return err
		}
		return os.RemoveAll(work) // of a run that was killed after the model was in its place
	}
	saved := filepath.Join(work, "model")
	if err := os.RemoveAll(saved); err != nil { // of a killed run
		return err
	}
	defer func() {
		_ = os.RemoveAll(saved)
		_ = os.Remove(work) // unless it holds a checkpoint
	}()
	if err := m.Base().Save(saved); err != nil { // so that an error occurs now and not after hours
		return err
	}
	trained, err := v.train(ctx, c, m.WithCheckpoints(work, c.warnings.add), data, encoded, recipe, &r)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted; run the same command again to resume from the last checkpoint")
		}
		return err
	}
	if v.AdapterOnly {
		if err := os.RemoveAll(saved); err != nil { // the base
			return err
		}
	}
	if err := v.save(base, trained, saved); err != nil {
		return err
	}
	r.Digest = trained.Digest()
	if err := writeTraining(saved, v.Model, r); err != nil {
		return err
	}
	if err := atomicfile.RenameFolder(saved, v.Out); err != nil {
		return err
	}
	if err := v.describe(ctx, c, origin, r, base, trained); err != nil {
		return err
	}
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	return v.print(c, r)
}

func (v *trainVerb) print(c console, r trainReport) error {
	if v.JSON {
		return printJSON(c.stdout, r)
	}
	return r.write(c.stdout)
}

// train returns the trained model, without LoRA. Encoded is data with its tokens.
func (v *trainVerb) train(ctx context.Context, c console, m *lm.Model, data *undertone.Dataset, encoded undertone.Data, recipe student.Recipe, r *trainReport) (*lm.Model, error) {
	meter := newMeter(c, fmt.Sprintf("train on %d rows", data.Len()))
	defer meter.stop()
	after, err := m.WithProgress(func(t lm.Progress) {
		meter.show(fmt.Sprintf("train: loss %.4f, step", t.Loss), t.Done, t.Total)
	}).Train(ctx, encoded, recipe)
	if err != nil {
		return nil, err
	}
	meter.show("measure the loss", 0, 0)
	trained := after.(*lm.Model)
	if r.Seen, err = m.Render(data.Example(0)); err != nil {
		return nil, err
	}
	r.Added = addedTo(m, data)
	if r.LoRA != 0 && !v.AdapterOnly {
		if trained, err = trained.Merge(); err != nil {
			return nil, err
		}
	}
	if r.Before, err = loss(ctx, m, data); err == nil {
		r.After, err = loss(ctx, trained, data)
	}
	return trained, err
}

// addedTo returns what the chat template of a model adds to the first rows, each statement once.
func addedTo(m *lm.Model, data *undertone.Dataset) []string {
	additionsTo := m.Additions()
	if additionsTo == nil {
		return nil
	}
	var all []string
	for i := range min(data.Len(), scoredAtOnce) {
		for _, s := range statements(additionsTo(data.Example(i))) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// loss returns the mean negative log-probability per token of the first rows, in nats.
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

// save writes the trained model to a folder, or its adapter, and checks that it reads back as m.
func (v *trainVerb) save(base, m *lm.Model, dir string) error {
	write := m.Save
	if v.AdapterOnly {
		write = m.SaveAdapter
	}
	if err := write(dir); err != nil {
		return err
	}
	again, err := v.saved(base, dir)
	if err != nil {
		return err
	}
	if again.Digest() != m.Digest() {
		return fmt.Errorf("%s reads back as %s, want %s: the disk is damaged, or another program writes there", dir, again.Digest().Short(), m.Digest().Short())
	}
	return nil
}

// saved reads the trained model in a folder.
func (v *trainVerb) saved(base *lm.Model, dir string) (*lm.Model, error) {
	if v.AdapterOnly {
		return base.WithAdapter(dir)
	}
	return lm.Load(dir)
}

// rank returns the rank of LoRA; 0 trains all weights. A recipe in a file leaves no defaults to the
// model.
func (v *trainVerb) rank() int {
	if v.Recipe != "" {
		return or(v.LoRA, 0)
	}
	return rankOf(v.Model, v.LoRA)
}

// fullRecipe returns the recipe of the file, or of the flags, with its defaults.
func (v *trainVerb) fullRecipe() (student.Recipe, error) {
	recipe, err := v.recipe()
	if err != nil {
		return recipe, err
	}
	if v.Recipe == "" {
		recipe.Seed = v.Seed
		return withModelDefaults(recipe, v.Model, v.rank()).WithDefaults()
	}
	if recipe != (student.Recipe{}) {
		return recipe, errors.New("--recipe is given beside flags of the training recipe; give one of them")
	}
	text, err := configfile.ReadFile(v.Recipe)
	if err == nil {
		err = configfile.Decode(text, &recipe)
	}
	if err == nil {
		recipe, err = recipe.WithDefaults()
	}
	if err != nil {
		return recipe, fmt.Errorf("--recipe: %w", err)
	}
	return recipe, nil
}

func (r *trainReport) write(w io.Writer) error {
	quoted := *r
	quoted.Seen = strconv.Quote(r.Seen)
	r, w = shown(&quoted, w)
	fmt.Fprintf(w, "%s written, trained on %d rows; loss %.4f, before %.4f nats per token of the first rows\n", r.Out, r.Rows, r.After, r.Before)
	if warning := r.Long.Warning(); warning != "" {
		fmt.Fprintln(w, "warning: "+warning)
	}
	fmt.Fprintf(w, "row 0 as rendered for the model: %s\n", r.Seen)
	for _, a := range r.Added {
		fmt.Fprintln(w, a)
	}
	_, err := fmt.Fprintln(w, r.Digest)
	return err
}
