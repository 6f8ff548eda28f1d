package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
	"github.com/undertone-audit/undertone/student/tiny"
)

// trainerVerbs are the verbs about programs that train students.
type trainerVerbs struct {
	Check trainerCheckVerb `cmd:"" help:"Run a trainer five times on few rows and report what an audit would get from it."`
}

type trainerCheckVerb struct {
	Trainer        string        `required:"" placeholder:"COMMAND" help:"Program that trains students, as for audit; docs/trainers.md describes what it is given and must leave."`
	Student        string        `file:"read" required:"" placeholder:"DIR|tiny" help:"Untrained model: a folder, or an embedded model (${embedded})."`
	In             string        `file:"read" placeholder:"FILE" help:"Rows to train on: --rows of them, chosen by content (default lists of numbers)."`
	Rows           int           `short:"n" range:"[8, 100000]" placeholder:"N" default:"64" help:"Rows to train on, in [8, 100000] (default ${default})."`
	ServerKind     string        `placeholder:"KIND" enum:",vllm,sglang,together,completions,chat,llama.cpp" default:"" help:"Protocol of the server that will score the students: vllm, sglang, together, completions, chat or llama.cpp. No model is loaded here then, and losses are those that the trainer reports. With vllm an adapter of the output layer is a failure (default none: the students are loaded here)."`
	TrainerDir     string        `file:"store" placeholder:"DIR" help:"Folder for what the trainer leaves (default a temporary folder)."`
	TrainerTimeout time.Duration `range:"> 0" placeholder:"TIME" help:"Longest time of one training, > 0, such as 2h (default no limit)."`
	JSON           bool          `name:"json" help:"Print the report as JSON."`

	readFlags
	recipeFlags
	longRowsFlag
	templateFlag
}

// The recipe of a check unless flags say otherwise: few steps, in which the loss of few rows falls.
const (
	checkEpochs = 3
	checkBatch  = 8
)

// Run checks. The exit code is 1 if a check failed.
func (v *trainerCheckVerb) Run(ctx context.Context, c console) error {
	command, err := external.SplitCommand(v.Trainer)
	if err != nil {
		return flagged(err)
	}
	recipe, err := v.recipe()
	if err != nil {
		return err
	}
	if recipe.Epochs == 0 {
		recipe.Epochs = checkEpochs
	}
	if recipe.BatchSize == 0 {
		recipe.BatchSize = checkBatch
	}
	rows, err := v.rows(ctx, c)
	if err != nil {
		return err
	}
	cfg := external.Config{Command: command, Dir: v.TrainerDir, Timeout: v.TrainerTimeout, Warn: c.warnings.add, RefuseOutputLayer: v.ServerKind == string(remote.VLLM), Log: c.more()}
	if cfg.Dir == "" {
		var done func()
		if cfg.Dir, done, err = temporaryDir(); err != nil {
			return err
		}
		defer done()
	}
	if err := v.base(&cfg); err != nil {
		return err
	}
	meter := newMeter(c, fmt.Sprintf("train %d rows, five times", rows.Len()))
	report, err := external.Check(ctx, cfg, rows, recipe)
	meter.stop()
	if err != nil {
		return flagged(err)
	}
	if v.JSON {
		err = printJSON(c.stdout, report)
	} else {
		err = writeTrainerCheck(c.forPeople(c.stdout), report)
	}
	if err == nil && report.Status() == external.Failed {
		return detected
	}
	return err
}

// base sets the untrained model: loaded, or the path of a folder that a server loads.
func (v *trainerCheckVerb) base(cfg *external.Config) (err error) {
	flags := studentFlags{Student: v.Student, longRowsFlag: v.longRowsFlag, templateFlag: v.templateFlag}
	folder := flags.folder()
	if v.ServerKind != "" && folder == "" && embedded[v.Student] == nil {
		return fmt.Errorf("--adapter, --template and --long-rows have no effect with --server-kind %s, which loads no model here", v.ServerKind)
	}
	if folder != "" {
		if cfg.BasePath, err = filepath.Abs(folder); err != nil {
			return err
		}
		if v.ServerKind != "" {
			_, err = os.Stat(folder)
			return err
		}
	}
	m, err := flags.base()
	if err != nil {
		return fmt.Errorf("--student: %w", err)
	}
	cfg.Base = m
	return nil
}

// rows returns the first rows of the file, or lists of numbers.
func (v *trainerCheckVerb) rows(ctx context.Context, c console) (undertone.Text, error) {
	if v.In == "" {
		return listRows(v.Rows), nil
	}
	all, err := loadRows(ctx, c, "trainer check", v.In, v.readFlags)
	if err != nil {
		return nil, err
	}
	return all.Select(student.Order(all, 0, 0)[:min(v.Rows, all.Len())]).(undertone.Text), nil
}

// listRows returns n rows that continue lists of numbers.
func listRows(n int) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(1, undertone.NewHasher("rows of a trainer check").Sum().Uint64()))
	rows := make([]undertone.Example, n)
	for i := range rows {
		prompt, format := tiny.ListPrompt(rng)
		numbers := make([]int, 4)
		for k := range numbers {
			numbers[k] = 10 + rng.IntN(90)
		}
		rows[i] = undertone.NewExample(prompt, format.List(numbers))
	}
	return undertone.NewDataset("lists of numbers", rows)
}

// writeTrainerCheck writes the report for people.
func writeTrainerCheck(w io.Writer, r *external.CheckReport) error {
	status := r.Status()
	r, w = shown(r, w)
	fmt.Fprintf(w, "%s  %s, %d rows, base %s\n", strings.ToUpper(string(status)), strings.Join(r.Trainer.Command, " "), r.Rows, r.Base)
	for _, c := range r.Checks {
		fmt.Fprintf(w, "  %-12s %-12s %s\n", c.Status, c.Name, c.Statement)
	}
	for i, run := range r.Runs {
		fmt.Fprintf(w, "  run %d: seed %d, %.1f s, weights %s%s\n", i+1, run.Seed, run.Seconds, run.Weights.Short(), runText(run))
	}
	_, err := fmt.Fprintf(w, "  key %s%s\n", r.Trainer.Key.Short(), versionsText(r.Trainer.Versions))
	return err
}

func runText(r external.CheckRun) (text string) {
	if r.Steps != nil {
		text += ", " + strconv.Itoa(*r.Steps) + " steps"
	}
	if r.Measured != nil {
		text += fmt.Sprintf(", loss %.4f nats per token", *r.Measured)
	}
	return text
}

func versionsText(versions []student.TrainerVersion) (text string) {
	for _, v := range versions {
		text += ", " + v.Name + " " + v.Version
	}
	return text
}
