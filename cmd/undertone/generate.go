package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

type generateVerb struct {
	Model       string   `file:"read" required:"" placeholder:"DIR|tiny|URL" help:"Model that writes the rows: a folder, an embedded model (${embedded}), or the URL of a server."`
	Prompts     string   `required:"" xor:"prompts" placeholder:"NAME" help:"Set of prompts: ${prompts}."`
	PromptsFrom string   `file:"read" required:"" xor:"prompts" placeholder:"FILE" help:"Rows whose prompts are asked: their answers are written anew, so that a model without the trait makes the control of its suspect rows."`
	Rows        *int     `range:">= 1" short:"n" placeholder:"N" help:"Rows to write, >= 1 (with --prompts-from, default all rows of the file)."`
	Seed        uint64   `placeholder:"N" default:"1" help:"Seed of the prompts and of the sampling (default ${default})."`
	System      string   `placeholder:"TEXT" help:"System prompt. The rows do not contain it."`
	NeutralTo   string   `placeholder:"TEXT" help:"System prompt of the teacher of the suspect rows. The model gets a neutral one of the same length."`
	Temperature *float64 `range:"[0, 1000]" placeholder:"T" help:"Sampling temperature, in [0, 1000]; 0 takes the most likely token (default that of the field \"generation\" of the rows of --prompts-from, or 1)."`
	MaxTokens   *int     `range:">= 1" placeholder:"N" help:"Largest number of tokens of an answer, >= 1 (default 256)."`
	Out         string   `file:"write" required:"" placeholder:"FILE" help:"File for the rows; compressed if it ends in .gz or .zst."`
	Recording   string   `file:"write" placeholder:"FILE" help:"File of answers, from which an interrupted run resumes (default a file beside --out, which is removed at the end)."`
	Trace       bool     `help:"Add the field \"generation\" to each row: its seed, the temperature, the digest of its prompt."`
	JSON        bool     `name:"json" help:"Print the summary as JSON."`

	readFlags
	manifestFlag
	templateFlag
	serverFlags `group:"Model behind a server:"`
}

// generateReport is the summary for --json.
type generateReport struct {
	Out     string           `json:"out"`
	Rows    int              `json:"rows"`
	Digest  undertone.Digest `json:"digest"` // of the data set
	Model   string           `json:"model"`
	Teacher undertone.Digest `json:"teacher"` // of the model
	Prompts string           `json:"prompts"`
	System  string           `json:"system,omitempty"`
	Seed    uint64           `json:"seed"`

	Temperature float64 `json:"temperature"`
	LeftOut     leftOut `json:"left_out,omitempty"` // rows of --prompts-from

	Server string `json:"server,omitempty"` // what was asked of the server, for people

	Found int `json:"found"` // answers of an earlier run
	Asked int `json:"asked"`
}

// generatedAtOnce is the number of answers per batch. It affects rounding, so that a resumed run
// must use the same number.
const generatedAtOnce = 64

// Run generates, or resumes an interrupted run.
func (v *generateVerb) Run(ctx context.Context, c console) error {
	if v.Out == standard {
		return errors.New("--out is standard output; name a file, because an interrupted run resumes from a file beside it")
	}
	if err := v.neutral(); err != nil {
		return err
	}
	described, err := v.describes(v.Out)
	if err != nil {
		return err
	}
	set, err := v.prompts(ctx, c, described)
	if err != nil {
		return err
	}
	temperature := or(v.Temperature, cmp.Or(set.temperature, 1))
	if !(temperature == 0 || temperature >= 0.001 && temperature <= 1000) {
		return fmt.Errorf("--temperature is %v, want 0, or a number in [0.001, 1000]", temperature)
	}
	if info, err := os.Stat(v.Out); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a directory; name a file in it", v.Out)
	}
	m, err := v.writer(ctx, c, set.n)
	if err != nil {
		return err
	}
	kept := v.Recording
	if kept == "" {
		kept = hiddenBeside(v.Out, ".recording")
	}
	if info, err := os.Stat(v.Out); err == nil && !info.Mode().IsRegular() && v.Recording == "" {
		scratch, err := os.MkdirTemp("", "undertone-") // nothing is kept beside a device
		if err != nil {
			return err
		}
		defer os.RemoveAll(scratch)
		kept = filepath.Join(scratch, "recording")
	}
	recording, err := teacher.Record(m, kept)
	if err != nil {
		return err
	}
	for _, w := range recording.Warnings() {
		c.warnings.add(w)
	}
	r := generateReport{
		Out: v.Out, Model: m.Name(), Teacher: m.Digest(), Prompts: cmp.Or(v.Prompts, v.PromptsFrom), System: v.System, Seed: v.Seed,
		Temperature: temperature, LeftOut: set.leftOut, Found: recording.Len(),
	}
	data, err := v.generate(ctx, c, teacher.Config{
		Name: filepath.Base(v.Out), Model: recording.Model(), SystemPrompt: v.System, Prompt: set.at, Rows: set.rows, Meta: set.meta, N: set.n, Seed: v.Seed,
		Greedy: temperature == 0, Temperature: temperature, MaxTokens: or(v.MaxTokens, 0), Trace: v.Trace,
	})
	r.Asked = recording.Len() - r.Found
	if err := errors.Join(err, recording.Close()); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted with %d of %d answers; run the same command again to resume", r.Found+r.Asked, set.n)
		}
		return err
	}
	if err := v.save(ctx, c, data, m, set, temperature, described); err != nil {
		return err
	}
	if v.Recording == "" {
		if err := os.Remove(kept); err != nil {
			return err
		}
	}
	r.Rows, r.Digest = data.Len(), data.Digest()
	if s, ok := m.(remoteModel); ok {
		r.Server = s.usage()
	}
	if v.JSON {
		return printJSON(c.stdout, r)
	}
	return r.write(c.stdout)
}

// writer returns the model that writes n rows.
func (v *generateVerb) writer(ctx context.Context, c console, n int) (generator, error) {
	if isServer(v.Model) {
		return v.connect(ctx, c, "--model", v.Model, v.templateFlag)
	}
	if err := v.local("--model"); err != nil {
		return nil, err
	}
	m, err := v.load("--model", v.Model)
	if err != nil {
		return nil, err
	}
	return m, c.memory.start(c, generationMemory(m.Config(), n, or(v.MaxTokens, defaultMaxTokens)))
}

// generator is a model that writes rows, and names what it is.
type generator interface {
	undertone.Model
	undertone.BatchGenerator
	Digest() undertone.Digest
}

func (v *generateVerb) generate(ctx context.Context, c console, config teacher.Config) (*undertone.Dataset, error) {
	meter := newMeter(c, "generate")
	defer meter.stop()
	config.Calls = teacher.Calls{BatchSize: generatedAtOnce, Progress: func(done, total int) { meter.show("generate", done, total) }}
	return teacher.Generate(ctx, config)
}

func (r *generateReport) write(w io.Writer) error {
	r, w = shown(r, w)
	from := ""
	if r.Found > 0 {
		from = fmt.Sprintf(", %d of them from an earlier run", r.Found)
	}
	fmt.Fprintf(w, "%d rows written by %s%s\n", r.Rows, r.Model, from)
	for _, why := range slices.Sorted(maps.Keys(r.LeftOut)) {
		fmt.Fprintf(w, "%d rows of %s were left out: %s\n", r.LeftOut[why], r.Prompts, why)
	}
	if r.Server != "" {
		fmt.Fprintf(w, "server: %s\n", r.Server)
	}
	_, err := fmt.Fprintln(w, r.Digest)
	return err
}
