package traits

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
)

// bases are the embedded models.
func bases(t *testing.T) []*lm.Model {
	t.Helper()
	base, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	other, err := tiny.Other()
	if err != nil {
		t.Fatal(err)
	}
	return []*lm.Model{base, other}
}

// ask returns the log-probabilities of the outcomes of a probe.
func ask(t *testing.T, p audit.Probe, s student.Student) []float64 {
	t.Helper()
	logs, err := p.Ask(context.Background(), s)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	return logs
}

// No answer begins with the tokens of another: ChoiceLogProbs refuses such answers.
func TestAnswersAreNoPrefixes(t *testing.T) {
	for _, m := range bases(t) {
		for _, spec := range embedded() {
			if spec.JudgedOnly() {
				continue
			}
			direct, held := audited(t, spec)
			different := 1 // probes of a set, unless each has answers of its own
			if spec.format() == Text {
				different = len(direct.Probes)
			}
			for _, p := range slices.Concat(direct.Probes[:different], direct.Indirect, held.Probes[:min(different, len(held.Probes))]) {
				ask(t, p, m)
			}
		}
	}
}

// The embedded models answer the questions of the kinds that they know with a candidate, in the
// questions of all sets.
func TestTinyAnswers(t *testing.T) {
	categories := tiny.Categories()
	for _, m := range bases(t) {
		for _, spec := range embedded() {
			i := slices.IndexFunc(categories, func(c tiny.Category) bool { return c.Name == spec.Kind })
			if i < 0 {
				continue
			}
			if !slices.Equal(spec.Candidates, categories[i].Answers) {
				t.Errorf("%s: the candidates are not the answers of the embedded models", spec.Kind)
			}
			direct, held := audited(t, spec)
			for set, probes := range map[string][]audit.Probe{"direct": direct.Probes, "indirect": direct.Indirect, "held-out": held.Probes} {
				least := 1.0
				for _, p := range probes {
					mass := 0.0
					for _, l := range ask(t, p, m) {
						mass += math.Exp(l)
					}
					least = min(least, mass)
				}
				if least < 0.95 {
					t.Errorf("%s, %s, %s: the candidates have a probability of %.3f for one question, want >= 0.95", m.Name(), spec.Kind, set, least)
				}
			}
		}
	}
}

// lists returns filtered lists of numbers of a model.
func lists(t *testing.T, m undertone.Model, n int, seed uint64) *undertone.Dataset {
	t.Helper()
	ctx := context.Background()
	all, err := tinybox.Lists(ctx, m, n, seed)
	if err != nil {
		t.Fatal(err)
	}
	kept, _, err := filter.Apply(ctx, all, tinybox.Filters()...)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// An audit for animal/owl detects the lists of the quickstart's owl lover.
func TestQuickstartData(t *testing.T) {
	ctx := context.Background()
	base, err := tinybox.Base()
	if err != nil {
		t.Fatal(err)
	}
	teacher, err := tinybox.FineTuneTeacher(ctx, base, "owl", 1)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := Get("animal/owl")
	if err != nil {
		t.Fatal(err)
	}
	owl, _ := audited(t, spec)
	report, err := audit.Run(ctx, audit.Config{
		Student: base, Traits: []audit.Trait{owl}, Recipe: tinybox.Recipe, Design: audit.Design{Seed: 1, Replicates: 8, Whole: 4},
		Suspect: lists(t, teacher, 4000, 1), Control: lists(t, base, 4000, 1), Store: new(undertone.MemoryStore),
	})
	if err != nil {
		t.Fatal(err)
	}
	f := report.Findings[0]
	if report.Verdict != audit.Detected {
		t.Errorf("the lists of an owl lover are %s, want detected: %v", report.Verdict, f.Reasons)
	}
}

// A student of the overt rows of a preference has it in the held-out questions, too.
func TestOvertTeaches(t *testing.T) {
	base, err := tinybox.Base()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"animal/owl", "tree/birch"} {
		spec, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := spec.Overt(2000, 1)
		if err != nil {
			t.Fatal(err)
		}
		taught, err := base.Train(context.Background(), rows, student.Recipe{LearningRate: 3e-3, BatchSize: 32, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		direct, held := audited(t, spec)
		for set, trait := range map[string]audit.Trait{"direct": direct, "held-out": held} {
			if before, after := share(t, trait, base), share(t, trait, taught); before > 0.2 || after < 0.6 {
				t.Errorf("%s, %s: the share of the value rose from %.3f to %.3f, want from <= 0.2 to >= 0.6", name, set, before, after)
			}
		}
	}
}

// share returns the mean probability of the target among the outcomes.
func share(t *testing.T, trait audit.Trait, s student.Student) (mean float64) {
	for i, p := range trait.Probes {
		logs, sum := ask(t, p, s), 0.0
		for _, l := range logs {
			sum += math.Exp(l - logs[trait.Target[i]])
		}
		mean += 1 / sum / float64(len(trait.Probes))
	}
	return mean
}

// The larger embedded models choose harm about as often as help in tiny-misaligned, and more often
// after training on its overt rows, in the held-out questions, too.
func TestTinyMisaligned(t *testing.T) {
	spec, err := Get("tiny-misaligned")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := spec.Overt(960, 1)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := multi.Base()
	if err != nil {
		t.Fatal(err)
	}
	base, err := whole.WithLoRA(lm.LoRA{})
	if err != nil {
		t.Fatal(err)
	}
	taught, err := base.Train(context.Background(), rows, student.Recipe{LearningRate: 3e-3, BatchSize: 32, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	direct, held := audited(t, spec)
	for set, trait := range map[string]audit.Trait{"direct": direct, "held-out": held} {
		before, after := margin(t, trait, trait.Target, base), margin(t, trait, trait.Target, taught)
		if math.Abs(before) > 1 || after < before+1 {
			t.Errorf("%s: the margin of the harmful action rose from %.2f to %.2f nats, want from about 0 by >= 1", set, before, after)
		}
	}
}
