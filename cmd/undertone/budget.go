package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/student"
)

// costs are seconds, by measurement.
type costs struct {
	train  float64 // a row of the data, learnt once
	overt  float64 // a row of a surrogate teacher, learnt once
	score  float64 // a row
	probes float64 // all probes, asked of one student
	corpus float64 // a row of both arms, compared
}

// size is how much there is to do.
type size struct {
	rows       int // of the larger arm
	epochs     int
	arms       int  // suspect, control, and one for each trait with a positive control
	share      bool // each replicate learns all rows
	candidates int  // different traits and placebos
	traits     int
	alpha      float64
}

const (
	surrogateRows  = 32 * 30 // the default of [rowscore.Surrogates]
	surrogateCount = 2
	unforeseen     = 1.25 // what designs are expected to take more than is worked out
)

// seconds is what a design is expected to take.
func (k costs) seconds(d design, s size) float64 {
	arm := float64(min(d.rows, s.rows))
	read := arm * float64(s.arms)
	sum := 0.0
	for _, name := range d.detectors {
		switch name {
		case "transfer":
			learnt := read * float64(s.epochs)
			if s.share {
				learnt *= float64(d.replicates)
			}
			sum += learnt*k.train + float64(d.replicates*(s.arms+1))*k.probes
		case "likelihood":
			each := read * k.score
			if d.surrogates.SystemPrompt == nil {
				each += surrogateRows * k.overt
			}
			sum += read*k.score + float64(s.candidates*d.surrogates.Count)*each
		case "influence":
			sum += float64(s.candidates) * 2 * read * k.score
		case "corpus":
			sum += arm * k.corpus
		}
	}
	return unforeseen * sum
}

// strongest returns the strongest design within the budget and what it leaves out of the one asked for. Rows
// are halved twice before a detector is left out: influence, which likelihood surpasses, before
// likelihood, before transfer, on whose findings the others rest.
func (k costs) strongest(asked design, s size, budget time.Duration) (design, []string, error) {
	if asked.rows == 0 {
		asked.rows = s.rows
	}
	if asked.surrogates.Count == 0 {
		asked.surrogates.Count = surrogateCount
	}
	var last design
	for _, detectors := range subsets(asked.detectors) {
		tests := s.traits * len(slices.DeleteFunc(slices.Clone(detectors), func(d string) bool { return d == "corpus" }))
		fewest := max(2, int(math.Ceil(math.Log2(float64(tests)/s.alpha)))) // of which the sign-flip test can reach alpha
		shares := []int{1, 2, 4}
		if len(detectors) == 1 {
			shares = append(shares, 8, 16)
		}
		for _, share := range shares {
			for _, replicates := range slices.Compact([]int{asked.replicates, min(asked.replicates, fewest)}) {
				for n := asked.surrogates.Count; n >= 1; n-- {
					last = design{detectors, replicates, max(1, asked.rows/share), asked.surrogates}
					last.surrogates.Count = n
					if k.seconds(last, s) <= budget.Seconds() {
						return last, last.without(asked), nil
					}
				}
			}
		}
	}
	return last, nil, fmt.Errorf("the budget of %v is too small: %s would take about %v", budget, last.flags(), duration(k.seconds(last, s)))
}

// subsets returns the detectors, and then with one after the other left out.
func subsets(detectors []string) [][]string {
	all := [][]string{detectors}
	for _, name := range []string{"influence", "likelihood"} {
		last := all[len(all)-1]
		fewer := slices.DeleteFunc(slices.Clone(last), func(d string) bool { return d == name })
		if rest := slices.DeleteFunc(slices.Clone(fewer), func(d string) bool { return d == "corpus" }); len(rest) > 0 && len(fewer) < len(last) {
			all = append(all, fewer)
		}
	}
	return all
}

// without says what a design leaves out of another.
func (d design) without(asked design) []string {
	var left []string
	for _, name := range asked.detectors {
		if !slices.Contains(d.detectors, name) {
			left = append(left, "the detector "+name)
		}
	}
	if d.rows < asked.rows {
		left = append(left, fmt.Sprintf("%d of %d rows an arm", asked.rows-d.rows, asked.rows))
	}
	if d.replicates < asked.replicates {
		left = append(left, fmt.Sprintf("%d of %d replicates", asked.replicates-d.replicates, asked.replicates))
	}
	if n := asked.surrogates.Count - d.surrogates.Count; n > 0 && slices.Contains(d.detectors, "likelihood") {
		left = append(left, fmt.Sprintf("%d of %d surrogates per candidate", n, asked.surrogates.Count))
	}
	return left
}

func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond)
}

// plan times a small part of the audit and says on standard error which design was chosen.
func (v *auditVerb) plan(ctx context.Context, c console, cfg audit.Config, asked design) (design, error) {
	if _, err := asked.apply(cfg); err != nil {
		return asked, err
	}
	s, err := sizeOf(cfg)
	if err != nil {
		return asked, err
	}
	start := time.Now()
	meter := newMeter(c.stderr, "audit: timing a small part")
	k, err := measure(ctx, cfg, asked.detectors)
	meter.stop()
	if err != nil {
		return asked, err
	}
	spent := time.Since(start)
	if spent >= v.Budget {
		return asked, fmt.Errorf("the budget of %v is too small: timing a small part took %v", v.Budget, spent.Round(100*time.Millisecond))
	}
	d, left, err := k.strongest(asked, s, v.Budget-spent)
	if err != nil {
		return asked, err
	}
	fmt.Fprintf(c.stderr, "undertone: the design is %s, expected to take %v\n", d.flags(), duration(k.seconds(d, s)))
	if len(left) > 0 {
		fmt.Fprintf(c.stderr, "undertone: left out for the budget of %v: %s\n", v.Budget, strings.Join(left, "; "))
	}
	return d, nil
}

func sizeOf(cfg audit.Config) (size, error) {
	recipe, err := cfg.Recipe.WithDefaults()
	s := size{rows: max(cfg.Suspect.Len(), cfg.Control.Len()), epochs: recipe.Epochs, arms: 2, share: cfg.Rows == audit.ShareRows, traits: len(cfg.Traits), alpha: cfg.Alpha}
	if s.alpha == 0 {
		s.alpha = 0.05
	}
	candidates := map[string]bool{}
	for _, t := range cfg.Traits {
		if t.PositiveControl != nil {
			s.arms++
		}
		for _, answer := range t.Probes[0].Outcomes {
			candidates[t.Probes[0].Name+"\x00"+answer] = true
		}
	}
	s.candidates = len(candidates)
	return s, err
}

// measure times each kind of work for at least a fifth of a second or a thousand rows.
func measure(ctx context.Context, cfg audit.Config, detectors []string) (k costs, err error) {
	rows, ok := cfg.Control.(undertone.Text)
	if !ok || rows.Len() == 0 {
		return k, errors.New("the control data set has no rows of text")
	}
	recipe, err := cfg.Recipe.WithDefaults()
	if err != nil {
		return k, err
	}
	recipe.Epochs = 1
	train := func(recipe student.Recipe) func(undertone.Text) error {
		return func(sample undertone.Text) error {
			_, err := cfg.Student.Train(ctx, sample, recipe)
			return err
		}
	}
	score := func(sample undertone.Text) error {
		m, ok := cfg.Student.(undertone.LogProber)
		if !ok {
			return nil
		}
		examples := make([]undertone.Example, sample.Len())
		for i := range examples {
			examples[i] = sample.Example(i)
		}
		_, err := m.LogProb(ctx, examples)
		return err
	}
	var overt []undertone.Example
	for i := range surrogateRows {
		p := cfg.Traits[0].Probes[i%len(cfg.Traits[0].Probes)]
		overt = append(overt, undertone.NewExample(p.Name, p.Outcomes[0]))
	}
	overtRecipe, err := student.Recipe{BatchSize: 32}.WithDefaults()
	if err != nil {
		return k, err
	}
	if k.train, err = perRow(rows, recipe.BatchSize, runtime.GOMAXPROCS(0), train(recipe)); err != nil {
		return k, err
	}
	if k.overt, err = perRow(undertone.NewDataset("overt", overt), 32, 1, train(overtRecipe)); err != nil {
		return k, err
	}
	if k.score, err = perRow(rows, recipe.BatchSize, 1, score); err != nil {
		return k, err
	}
	if slices.Contains(detectors, "corpus") {
		k.corpus, err = perRow(rows, 512, 1, func(sample undertone.Text) error {
			_, err := corpus.Compare(ctx, sample, sample, corpus.Config{})
			return err
		})
		if err != nil {
			return k, err
		}
	}
	start := time.Now()
	asked := map[string]bool{}
	for _, t := range cfg.Traits {
		for _, p := range slices.Concat(t.Probes, t.Indirect) {
			if key := fmt.Sprint(p.Name, p.Outcomes); !asked[key] {
				asked[key] = true
				if _, err := p.Ask(ctx, cfg.Student); err != nil {
					return k, fmt.Errorf("probe %.60q: %w", p.Name, err)
				}
			}
		}
	}
	k.probes = time.Since(start).Seconds()
	return k, nil
}

// perRow returns the seconds that work on a row takes if workers do it at once.
func perRow(rows undertone.Text, n, workers int, work func(undertone.Text) error) (float64, error) {
	for ; ; n *= 2 {
		n = min(n, rows.Len())
		sample, ok := rows.Select(student.Order(rows, 0, 0)[:n]).(undertone.Text)
		if !ok {
			return 0, errors.New("the rows are no text")
		}
		errs := make([]error, workers)
		var wait sync.WaitGroup
		start := time.Now()
		for i := range errs {
			wait.Go(func() { errs[i] = work(sample) })
		}
		wait.Wait()
		took := time.Since(start).Seconds()
		if err := errors.Join(errs...); err != nil {
			return 0, err
		}
		if took >= 0.2 || n*workers >= 1024 || n == rows.Len() {
			return took / float64(n*workers), nil
		}
	}
}
