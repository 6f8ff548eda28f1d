package external

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Status is the outcome of a check of a trainer.
type Status string

// The outcomes of a check.
const (
	Passed     Status = "passed"
	Caveat     Status = "caveat" // an audit works, with less than it could have
	Failed     Status = "failed" // an audit with this trainer is wrong or impossible
	NotChecked Status = "not checked"
)

// CheckReport is what [Check] found about a trainer.
type CheckReport struct {
	Trainer student.TrainerInfo `json:"trainer"`
	Base    string              `json:"base"` // value of {base}
	Rows    int                 `json:"rows"`
	Recipe  student.Recipe      `json:"recipe"` // seed 0: each run has its own
	Runs    []CheckRun          `json:"runs"`
	Checks  []Checked           `json:"checks"`
}

// Status returns the worst status of the checks.
func (r *CheckReport) Status() Status {
	worst := Passed
	for _, c := range r.Checks {
		if c.Status == Failed || c.Status == Caveat && worst == Passed {
			worst = c.Status
		}
	}
	return worst
}

// Checked is the outcome of one check.
type Checked struct {
	Name      string `json:"name"`
	Status    Status `json:"status"`
	Statement string `json:"statement"` // for people
}

// CheckRun is one training of a check.
type CheckRun struct {
	Seed      uint64           `json:"seed"` // value of {seed}
	Order     uint64           `json:"-"`
	Seconds   float64          `json:"seconds"` // of the program
	Kind      Kind             `json:"kind,omitempty"`
	Steps     *int             `json:"steps,omitempty"`
	RowsSeen  *int             `json:"rows_seen,omitempty"`
	FirstLoss *float64         `json:"first_loss,omitempty"` // that the trainer reports, in nats per token
	TrainLoss *float64         `json:"train_loss,omitempty"` // the same, at the end
	Measured  *float64         `json:"measured,omitempty"`   // mean loss of the rows after the training, in nats per token
	Weights   undertone.Digest `json:"weights"`              // of the files of the model

	path   string
	logs   []float64 // log-likelihood of each row after the training; nil if it is not known
	tokens int
}

// Check trains on the rows with two seeds, twice each, and once with the second seed and the order
// of the first. It reports whether the results are what an audit needs. A trainer that fails is in
// the report; an error is about the configuration. If Base is a *[lm.Model], the check computes the
// losses of the rows itself. If Base is nil, it loads no model, and BasePath is required.
func Check(ctx context.Context, c Config, rows undertone.Text, recipe student.Recipe) (*CheckReport, error) {
	base, _ := c.Base.(*lm.Model)
	switch {
	case base == nil && c.Base != nil:
		return nil, fmt.Errorf("external: Base is a %T, want a *lm.Model or nil", c.Base)
	case base == nil && c.BasePath == "":
		return nil, errors.New("external: neither Base nor BasePath is set")
	case base == nil:
		c.Base, c.BaseDigest = unloaded{}, undertone.NewHasher("path of a base").Text(c.BasePath).Sum()
	}
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if recipe, err = recipe.WithDefaults(); err != nil {
		return nil, err
	}
	if base != nil && c.BasePath == "" {
		if c.BasePath, err = saveBase(base, c.Dir); err != nil {
			return nil, err
		}
	}
	k := &checker{cfg: c, base: base, rows: rows, recipe: recipe, report: &CheckReport{Rows: rows.Len(), Recipe: recipe}}
	k.report.Recipe.Seed = 0
	if err := k.run(ctx); err != nil {
		return nil, err
	}
	return k.report, nil
}

// unloaded is a base that is not loaded.
type unloaded struct{ undertone.Model }

// checker runs the trainings of a check.
type checker struct {
	cfg    Config
	base   *lm.Model // nil if no model is loaded
	rows   undertone.Text
	recipe student.Recipe
	report *CheckReport
	before float64 // mean loss of the base, in nats per token
}

// Seeds of the recipes of a check: {seed} is 1 and 2.
const (
	firstSeed  = 1 << 33
	secondSeed = 2 << 33
)

func (k *checker) run(ctx context.Context) error {
	if k.base != nil {
		logs, tokens, err := k.scores(ctx, k.base)
		if err != nil {
			return err
		}
		k.before = -sum(logs) / float64(max(1, tokens))
	}
	for i, run := range []struct {
		folder      string
		seed, order uint64
	}{
		{"first", firstSeed, firstSeed}, {"first", secondSeed, secondSeed},
		{"second", firstSeed, firstSeed}, {"second", secondSeed, secondSeed},
		{"third", secondSeed, firstSeed},
	} {
		done, err := k.train(ctx, run.folder, run.seed, run.order)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if i == 0 && k.report.Trainer.Key.IsZero() {
				return err
			}
			k.add("training", Failed, fmt.Sprintf("run %d: %s", i+1, strings.TrimPrefix(err.Error(), "external: ")))
			return nil
		}
		k.report.Runs = append(k.report.Runs, done)
	}
	k.add("training", Passed, "five trainings ended, and each left a model of the base")
	k.checkRows()
	k.checkSteps()
	k.checkLoss()
	k.checkRepeat()
	k.checkSeed()
	k.checkOutputLayer()
	return nil
}

func (k *checker) add(name string, s Status, statement string) {
	k.report.Checks = append(k.report.Checks, Checked{name, s, statement})
}

// train runs one training in a folder of its own.
func (k *checker) train(ctx context.Context, folder string, seed, order uint64) (run CheckRun, err error) {
	c := k.cfg
	c.Dir = filepath.Join(c.Dir, folder)
	r, err := newReplicates(c)
	if err != nil {
		return run, err
	}
	k.report.Trainer, k.report.Base = r.info, r.cfg.BasePath
	r.order = &order
	recipe := k.recipe
	recipe.Seed = seed
	run.Seed = seedOf(recipe)
	start := time.Now()
	result, err := r.trainText(ctx, k.rows, recipe, func(ctx context.Context, result Result) error {
		run.Seconds = time.Since(start).Seconds()
		if k.base == nil {
			return nil
		}
		after, err := load(k.base, result)
		if err == nil {
			run.logs, run.tokens, err = k.scores(ctx, after)
		}
		return err
	})
	if err != nil {
		return run, err
	}
	k.report.Trainer.Versions = r.versions()
	run.Kind, run.Steps, run.RowsSeen, run.FirstLoss, run.TrainLoss = result.Kind, result.Steps, result.RowsSeen, result.FirstLoss, result.TrainLoss
	run.Weights, run.path = result.Weights, result.Path
	if run.logs != nil {
		mean := -sum(run.logs) / float64(max(1, run.tokens))
		run.Measured = &mean
	}
	return run, nil
}

// scores returns the log-likelihood of each row, in nats, and the number of tokens.
func (k *checker) scores(ctx context.Context, m *lm.Model) (logs []float64, tokens int, err error) {
	of, err := m.TokenLogProbRows(ctx, k.rows, 0, k.rows.Len())
	for _, row := range of {
		total := 0.0
		for _, t := range row {
			total += t.LogProb
		}
		logs, tokens = append(logs, total), tokens+len(row)
	}
	return logs, tokens, err
}

func (k *checker) checkRows() {
	for _, run := range k.report.Runs {
		if run.RowsSeen == nil {
			k.add("rows", Caveat, fmt.Sprintf(`%s has no "rows_seen": a row that the trainer leaves out is not noticed`, ReportFile))
			return
		}
	}
	k.add("rows", Passed, fmt.Sprintf("each training reports %d of %d rows", *k.report.Runs[0].RowsSeen, k.rows.Len()))
}

func (k *checker) checkSteps() {
	first := k.report.Runs[0].Steps
	for _, run := range k.report.Runs {
		switch {
		case run.Steps == nil:
			k.add("steps", Caveat, fmt.Sprintf(`%s has no "steps": replicates of different lengths are not noticed`, ReportFile))
			return
		case *run.Steps != *first:
			k.add("steps", Failed, fmt.Sprintf("trainings of as many rows take %d and %d steps: pairs of replicates differ in more than the rows; switch packing off", *first, *run.Steps))
			return
		}
	}
	k.add("steps", Passed, fmt.Sprintf("each training takes %d steps", *first))
}

// checkLoss checks that the loss of the rows falls, by scores of this process or by the reports.
func (k *checker) checkLoss() {
	for _, run := range k.report.Runs {
		before, after := &k.before, run.Measured
		if k.base == nil {
			before, after = run.FirstLoss, run.TrainLoss
		}
		switch {
		case before == nil || after == nil:
			k.add("loss", NotChecked, fmt.Sprintf(`%s has no "first_loss" and "train_loss", and no model is loaded`, ReportFile))
			return
		case !(*after < *before):
			k.add("loss", Failed, fmt.Sprintf("the loss of the rows does not fall: %.4f before and %.4f after, in nats per token (seed %d); look for another chat template than that of the base, other learnt turns, or a learning rate that is too large", *before, *after, run.Seed))
			return
		}
	}
	run := k.report.Runs[0]
	if k.base == nil {
		k.add("loss", Passed, fmt.Sprintf("the trainer reports a loss that falls from %.4f to %.4f nats per token", *run.FirstLoss, *run.TrainLoss))
		return
	}
	k.add("loss", Passed, fmt.Sprintf("the loss of the rows falls from %.4f to %.4f nats per token", k.before, *run.Measured))
}

// checkRepeat compares the two trainings of each seed.
func (k *checker) checkRepeat() {
	runs := k.report.Runs
	if runs[0].Weights == runs[2].Weights && runs[1].Weights == runs[3].Weights {
		k.add("repeat", Passed, "the same seed gives the same weights, bit for bit")
		return
	}
	text := "the same seed gives other weights"
	if same, other := distance(runs[0], runs[2]), distance(runs[0], runs[1]); !math.IsNaN(same) && !math.IsNaN(other) {
		text += fmt.Sprintf(": they differ by %.2g of their length, and those of two seeds by %.2g", same, other)
	}
	if a, b := runs[0], runs[2]; a.logs != nil {
		text += fmt.Sprintf("; scores of rows differ by up to %.2g nats per row, and those of two seeds by %.2g", most(a.logs, b.logs), most(a.logs, runs[1].logs))
	}
	k.add("repeat", Caveat, text+": a lost replicate cannot be trained again as it was")
}

// checkSeed compares trainings of two seeds.
func (k *checker) checkSeed() {
	runs := k.report.Runs
	switch {
	case runs[0].Weights == runs[1].Weights:
		k.add("seed", Failed, "two seeds, with the rows in two orders, give the same weights: all replicates would be one student; use {seed} or UNDERTONE_SEED")
	case runs[0].Weights == runs[4].Weights:
		k.add("seed", Caveat, "the seed alone changes nothing: replicates differ in the order of the rows only")
	default:
		k.add("seed", Passed, "another seed gives other weights")
	}
}

// checkOutputLayer looks for a trained output layer.
func (k *checker) checkOutputLayer() {
	run := k.report.Runs[0]
	switch {
	case run.Kind != PEFT:
		k.add("output layer", NotChecked, "the trainer leaves no adapter")
		return
	case k.cfg.RefuseOutputLayer:
		k.add("output layer", Passed, "the adapter does not train the output layer, which vLLM would leave out of the scores of prompts")
		return
	}
	p, err := readPEFT(run.path)
	if err == nil && p.trainsOutputLayer() != "" {
		k.add("output layer", Caveat, p.trainsOutputLayer()+" names "+outputLayer+": vLLM leaves its change out of the scores of prompts")
		return
	}
	k.add("output layer", Passed, "the adapter does not train the output layer")
}

// distance returns the length of the difference of two adapters or models over the length of the
// first; NaN if they cannot be compared.
func distance(a, b CheckRun) float64 {
	var difference, length float64
	for _, name := range weightFiles(a.path) {
		x, err := safetensors.Open(filepath.Join(a.path, name))
		if err != nil {
			return math.NaN()
		}
		defer x.Close()
		y, err := safetensors.Open(filepath.Join(b.path, name))
		if err != nil {
			return math.NaN()
		}
		defer y.Close()
		for _, tensor := range x.Names() {
			p, errX := x.Float32s(tensor)
			q, errY := y.Float32s(tensor)
			if errX != nil || errY != nil || len(p) != len(q) {
				return math.NaN()
			}
			for i := range p {
				d := float64(p[i]) - float64(q[i])
				difference += d * d
				length += float64(p[i]) * float64(p[i])
			}
		}
	}
	return math.Sqrt(difference / length)
}

func sum(x []float64) (total float64) {
	for _, v := range x {
		total += v
	}
	return total
}

// most returns the largest difference of two lists.
func most(a, b []float64) (d float64) {
	for i := range min(len(a), len(b)) {
		d = max(d, math.Abs(a[i]-b[i]))
	}
	return d
}
