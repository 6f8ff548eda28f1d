package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/judged"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/student/lm"
	sampling "github.com/undertone-audit/undertone/student/sampled"
	"github.com/undertone-audit/undertone/traits"
)

// judgeFlags name the model that reads free answers of students, and how it is asked.
type judgeFlags struct {
	Judge           string   `file:"read" placeholder:"DIR|URL" help:"Model that reads sampled answers to the free-form prompts of the traits, and decides whether they show the behaviour of the trait: a folder, or the URL of a server, with a context of 1,024 tokens or more; docs/judge.md (default: free-form prompts are not asked)."`
	JudgeLabels     string   `file:"read" placeholder:"FILE" help:"Rows of answers that people have labelled, on which the judge is calibrated before it is trusted. Each has the fields expressed, true or false, and trait; docs/judge.md."`
	JudgeOnly       bool     `help:"Leave out the questions of traits that have free-form prompts, and ask these prompts alone."`
	JudgeSamples    *int     `range:"[1, 100000]" placeholder:"N" help:"Answers of each student per free-form prompt, in [1, 100000] (default 100)."`
	JudgeTokens     *int     `range:"[1, 100000]" placeholder:"N" help:"Longest answer of a student in tokens, in [1, 100000] (default 200)."`
	JudgeThreshold  *int     `range:"[1, 100]" placeholder:"N" help:"Smallest score of the judge with which an answer shows the behaviour, in [1, 100]. Choose it before the labelled answers are seen (default 50)."`
	JudgeKind       string   `placeholder:"KIND" enum:",vllm,sglang,together,completions,chat,llama.cpp" default:"" help:"Protocol of the judge's server: vllm, sglang, together, completions, chat or llama.cpp (default what its list of models says)."`
	JudgeModel      string   `placeholder:"NAME" help:"Name of the judge on its server (default its only base model)."`
	JudgeKeyEnv     string   `placeholder:"NAME" help:"Environment variable that holds the key of the judge's server (default: requests have no key)."`
	JudgeConcurrent *int     `range:"[1, 1024]" placeholder:"N" help:"Requests to the judge at once, in [1, 1024] (default 8)."`
	JudgePrices     string   `file:"read" placeholder:"FILE" help:"Prices of a million tokens of the judge, as those of --prices."`
	JudgeMaxCost    *float64 `range:"> 0" placeholder:"COST" help:"Cost of the judge after which the run stops, > 0, in the unit of --judge-prices; the same command with --store resumes (default no limit)."`
}

// judgeAnswerTokens is the largest length of an answer of the judge, which is an integer.
const judgeAnswerTokens = 16

// check returns an error about a flag that has no effect, or about detectors and a budget with
// which free answers cannot be asked.
func (f judgeFlags) check(detectors []string, budget bool) error {
	if f.Judge == "" {
		if f != (judgeFlags{}) {
			return errors.New("--judge-labels and the other flags that begin with --judge- need --judge")
		}
		return nil
	}
	server := judgeFlags{JudgeKind: f.JudgeKind, JudgeModel: f.JudgeModel, JudgeKeyEnv: f.JudgeKeyEnv, JudgeConcurrent: f.JudgeConcurrent, JudgePrices: f.JudgePrices, JudgeMaxCost: f.JudgeMaxCost}
	switch {
	case f.JudgeLabels == "":
		return errors.New("--judge needs --judge-labels: a judge is calibrated on labelled answers before it is trusted; docs/judge.md describes the file")
	case !slices.Contains(detectors, transferDetector) || slices.ContainsFunc(detectors, func(d string) bool { return d != transferDetector && d != corpusDetector }):
		return errors.New("--judge reads answers of trained students, which the detector transfer asks; the other detectors score rows: name transfer alone, or with corpus")
	case budget:
		return errors.New("--budget cannot time a judge: leave it out, and set --replicates, --whole, --rows and --judge-samples")
	case !isServer(f.Judge) && server != (judgeFlags{}):
		return errors.New("a flag about the judge's server is given, but --judge is not a URL such as http://localhost:8000")
	case f.JudgeMaxCost != nil && f.JudgePrices == "":
		return errors.New("--judge-max-cost needs --judge-prices")
	}
	return nil
}

// freeTrait is a trait in free answers that a judge reads.
type freeTrait struct {
	spec    traits.Trait
	control undertone.Data // positive control; nil if there is none
}

// freeTraits returns the traits that a judge reads. It leaves the others to the audit.
func (f judgeFlags) freeTraits(specs []traits.Trait, cfg *audit.Config) (free []freeTrait, err error) {
	if f.Judge == "" {
		return nil, unjudged(specs)
	}
	var compared []audit.Trait
	for i, s := range specs {
		judges := len(s.FreeForm) > 0 && s.Behaviour != ""
		if judges {
			free = append(free, freeTrait{s, cfg.Traits[i].PositiveControl})
		}
		if !judges || !f.JudgeOnly && !s.JudgedOnly() {
			compared = append(compared, cfg.Traits[i])
		}
	}
	if len(free) == 0 {
		return nil, errors.New("--judge: no trait has free_form prompts and a behaviour for a judge; undertone traits misaligned shows a trait that has them")
	}
	cfg.Traits = compared
	return free, nil
}

// judge is a calibrated judge of an audit; nil is none.
type judge struct {
	model   undertone.Model
	prompts int // free-form prompts
	samples int // answers per prompt and student
}

// calibrate adds the traits in free answers to an audit, each with the judge calibrated on its
// labelled answers. student is the value of --student, and talks says that it scores nothing.
func (f judgeFlags) calibrate(ctx context.Context, c console, student string, talks bool, free []freeTrait, cfg *audit.Config) (*judge, error) {
	if len(free) == 0 {
		return nil, nil
	}
	if f.Judge == student && isServer(student) && !talks {
		return nil, errors.New("--judge and --student are one server, and requests for two models at once can change the scores of one: give the judge a server of its own, or count answers with --samples")
	}
	labels, err := labelledAnswers(ctx, c, f.JudgeLabels)
	if err != nil {
		return nil, fmt.Errorf("--judge-labels: %w", err)
	}
	if len(free) > 1 && len(labels[""]) > 0 {
		return nil, fmt.Errorf("--judge-labels: %s has %d labelled answers without a trait, and the judge reads answers of %d traits: name the trait in each line", f.JudgeLabels, len(labels[""]), len(free))
	}
	model, err := f.open(ctx, c)
	if err != nil {
		return nil, err
	}
	j := &judge{model: model, samples: or(f.JudgeSamples, 100)}
	for _, t := range free {
		added, err := f.judged(ctx, c, j, t, labels, *cfg)
		if err != nil {
			j.close(c)
			return nil, err
		}
		added.PositiveControl = t.control
		cfg.Traits, j.prompts = append(cfg.Traits, added), j.prompts+len(t.spec.FreeForm)
	}
	return j, nil
}

// judged returns a trait in free answers with the judge calibrated on its labelled answers.
func (f judgeFlags) judged(ctx context.Context, c console, j *judge, t freeTrait, labels map[string][]judged.Label, cfg audit.Config) (audit.Trait, error) {
	rubric, err := t.spec.Rubric()
	if err != nil {
		return audit.Trait{}, err
	}
	name := t.spec.ID()
	known := slices.Concat(labels[name], labels[""])
	if len(known) == 0 {
		return audit.Trait{}, fmt.Errorf("--judge-labels: %s has no labelled answers of the trait %q", f.JudgeLabels, name)
	}
	calibrated, measured, err := judged.Calibrate(ctx, judged.Judge{
		Judge:     filter.Judge{Model: j.model, Rubric: rubric, Store: cfg.Store, Warn: cfg.Warn, Workers: or(f.JudgeConcurrent, 8), MaxTokens: judgeAnswerTokens},
		Threshold: or(f.JudgeThreshold, 0),
	}, known)
	if err != nil {
		return audit.Trait{}, fmt.Errorf("--judge: trait %q: %w%s", name, err, shortContext(j.model))
	}
	c.note("judge: %s finds %d of %d labelled answers with the trait %q, and rejects %d of %d without it", j.model.Name(), measured.Found, measured.Positives, name, measured.Rejected, measured.Negatives)
	return t.spec.Judged(calibrated, sampling.Config{Samples: j.samples, MaxTokens: or(f.JudgeTokens, 200), Seed: cfg.Seed})
}

// judgeContext is the number of tokens that a judge should read: the rubric, a prompt and an answer
// of the default length.
const judgeContext = 1024

// shortContext returns the end of an error of a judge that reads few tokens, and "" for others.
func shortContext(m undertone.Model) string {
	n := 0
	switch m := m.(type) {
	case *lm.Model:
		n = m.Config().Context
	case remoteModel:
		if s, ok := m.Model.(interface{ Context() int }); ok {
			n = s.Context()
		}
	}
	if n == 0 || n >= judgeContext {
		return ""
	}
	return fmt.Sprintf(" (this judge reads %d tokens; the rubric, a prompt and an answer of --judge-tokens take up to about %d, so choose another model)", n, judgeContext)
}

// open returns the judge.
func (f judgeFlags) open(ctx context.Context, c console) (undertone.Model, error) {
	if !isServer(f.Judge) {
		m, err := loadModel(f.Judge)
		if err != nil {
			return nil, fmt.Errorf("--judge: %w", err)
		}
		return m, nil
	}
	config := remote.Config{
		URL: f.Judge, Kind: remote.Kind(f.JudgeKind), Model: f.JudgeModel, KeyEnv: f.JudgeKeyEnv,
		Limits: remote.Limits{Concurrency: or(f.JudgeConcurrent, 0), MaxCost: or(f.JudgeMaxCost, 0)},
	}
	if f.JudgePrices != "" {
		var err error
		if config.Price, err = readPrice("--judge-prices", "--judge-model", f.JudgePrices, f.JudgeModel); err != nil {
			return nil, err
		}
	}
	return open(ctx, c, "--judge", config)
}

// forecast says how many answers the judge reads.
func (j *judge) forecast(c console, p plan, cfg audit.Config) error {
	if j == nil {
		return nil
	}
	w, err := newWorkload(cfg)
	if err != nil {
		return err
	}
	p.whole = cmp.Or(p.whole, w.whole)
	_, students := w.training(p)
	c.note("judge: it reads at most %.0f answers, %d of each of %.0f students to each of %d prompts; equal answers to a prompt are read once", students*float64(j.prompts*j.samples), j.samples, students, j.prompts)
	return nil
}

// close says what the judge has cost.
func (j *judge) close(c console) {
	if j == nil {
		return
	}
	if m, ok := j.model.(remoteModel); ok {
		if err := m.Close(); err != nil {
			c.warnings.add(fmt.Sprintf("--judge: %v", err))
		}
		c.note("judge: %s", m.usage())
	}
}
