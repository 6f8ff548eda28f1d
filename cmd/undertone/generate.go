package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/teacher"
)

type generateVerb struct {
	Model       string  `required:"" placeholder:"DIR|tiny" help:"Model that writes the rows: a folder, or an embedded model (tiny, tiny-other)."`
	Prompts     string  `required:"" placeholder:"NAME" help:"Set of prompts: ${prompts}."`
	N           int     `short:"n" required:"" placeholder:"N" help:"Rows to write."`
	Seed        uint64  `placeholder:"N" default:"1" help:"Seed of the prompts and of the sampling (default ${default})."`
	System      string  `placeholder:"TEXT" help:"System prompt. The rows do not contain it."`
	Temperature float64 `placeholder:"T" default:"1" help:"Sampling temperature, >= 0; 0 takes the most likely token (default ${default})."`
	MaxTokens   *int    `placeholder:"N" help:"Largest number of tokens of an answer, >= 1 (default 256)."`
	Out         string  `required:"" placeholder:"FILE" help:"File for the rows; compressed if it ends in .gz or .zst."`
	Recording   string  `placeholder:"FILE" help:"File of answers, from which an interrupted run resumes (default a file beside --out, which is removed at the end)."`
	Trace       bool    `help:"Add the field \"generation\" to each row: its seed, the temperature, the digest of its prompt."`
	JSON        bool    `name:"json" help:"Print the summary as JSON."`

	templateFlag
}

// generateReport is the summary for --json.
type generateReport struct {
	Out     string           `json:"out"`
	Rows    int              `json:"rows"`
	Digest  undertone.Digest `json:"digest"` // of the data set
	Model   string           `json:"model"`
	Teacher undertone.Digest `json:"teacher"` // of the model
	Prompts string           `json:"prompts"`
	Seed    uint64           `json:"seed"`
	Found   int              `json:"found"` // answers of an earlier run
	Asked   int              `json:"asked"`
}

// generatedAtOnce is the number of answers per batch. It affects rounding, so that a resumed run
// must use the same number.
const generatedAtOnce = 64

// Run generates, or resumes an interrupted run.
func (v *generateVerb) Run(ctx context.Context, c console) error {
	if v.Out == standard {
		return errors.New("--out is standard output; name a file, because an interrupted run resumes from a file beside it")
	}
	set, err := choosePrompts(v.Prompts, v.Seed)
	if err != nil {
		return err
	}
	if !(v.Temperature >= 0) || math.IsInf(v.Temperature, 0) {
		return fmt.Errorf("--temperature is %v, want >= 0", v.Temperature)
	}
	var maxTokens int
	if err := setCount(&maxTokens, "--max-tokens", v.MaxTokens); err != nil {
		return err
	}
	if v.N < 1 {
		return fmt.Errorf("--n is %d, want >= 1", v.N)
	}
	if set.most > 0 && v.N > set.most {
		return fmt.Errorf("--n is %d, want at most %d, the number of prompts of %s", v.N, set.most, v.Prompts)
	}
	if info, err := os.Stat(v.Out); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a directory; name a file in it", v.Out)
	}
	m, err := v.load("--model", v.Model)
	if err != nil {
		return err
	}
	kept := v.Recording
	if kept == "" {
		kept = filepath.Join(filepath.Dir(v.Out), "."+filepath.Base(v.Out)+".recording")
	}
	recording, err := teacher.Record(m, kept)
	if err != nil {
		return err
	}
	r := generateReport{Out: v.Out, Model: m.Name(), Teacher: m.Digest(), Prompts: v.Prompts, Seed: v.Seed, Found: recording.Len()}
	data, err := v.generate(ctx, c, recording.Model(), set, maxTokens)
	r.Asked = recording.Len() - r.Found
	if err := errors.Join(err, recording.Close()); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted with %d of %d answers; run the same command again to resume", r.Found+r.Asked, v.N)
		}
		return err
	}
	if err := jsonl.Save(ctx, v.Out, data); err != nil {
		return err
	}
	if v.Recording == "" {
		if err := os.Remove(kept); err != nil {
			return err
		}
	}
	r.Rows, r.Digest = data.Len(), data.Digest()
	if v.JSON {
		return printJSON(c.stdout, r)
	}
	return r.write(c.stdout)
}

func (v *generateVerb) generate(ctx context.Context, c console, m undertone.Model, set promptSet, maxTokens int) (*undertone.Dataset, error) {
	meter := newMeter(c.stderr, "generate")
	defer meter.stop()
	return teacher.Generate(ctx, teacher.Config{
		Name: filepath.Base(v.Out), Model: m, SystemPrompt: v.System, Prompt: set.at, Meta: set.meta, N: v.N, Seed: v.Seed,
		Greedy: v.Temperature == 0, Temperature: v.Temperature, MaxTokens: maxTokens, Trace: v.Trace,
		Calls: teacher.Calls{BatchSize: generatedAtOnce, Progress: func(done, total int) { meter.show("generate", done, total) }},
	})
}

func (r *generateReport) write(w io.Writer) error {
	from := ""
	if r.Found > 0 {
		from = fmt.Sprintf(", %d of them from an earlier run", r.Found)
	}
	_, err := fmt.Fprintf(w, "%d rows written by %s%s\n%s\n", r.Rows, r.Model, from, r.Digest)
	return err
}
