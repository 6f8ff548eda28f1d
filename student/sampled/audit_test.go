package sampled_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/sampled"
)

var pets = []string{"owl", "cat", "dog", "fox", "bear"}

// chatty is a student that talks: it names one of [pets], or none of them. Training adds to the
// logit of a pet the slope times the share of the rows that name it, and noise that depends on the
// rows and the seed. It gives exact probabilities too, for comparison.
type chatty struct {
	slope, noise float64
	logits       [6]float64 // of the pets and of all other answers
	id           undertone.Digest
}

func newChatty(slope, noise float64, seed uint64) chatty {
	return chatty{slope, noise, [6]float64{-1, 0, 0, 0, 0, 0}, undertone.NewHasher("chatty").Float(slope).Float(noise).Uint(seed).Sum()}
}

func (chatty) Name() string               { return "chatty" }
func (chatty) Engine() string             { return "arithmetic" }
func (c chatty) Digest() undertone.Digest { return c.id }

func (c chatty) Train(_ context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	text := data.(undertone.Text)
	c.id = undertone.NewHasher("trained chatty").Digest(c.id).Digest(data.Digest()).Uint(recipe.Seed).Sum()
	noise := rand.New(rand.NewPCG(c.id.Uint64(), 2))
	for i, pet := range pets {
		named := 0
		for r := range text.Len() {
			if strings.Contains(text.Example(r).Completion(), pet) {
				named++
			}
		}
		c.logits[i] += c.slope*float64(named)/float64(text.Len()) + c.noise*noise.NormFloat64()
	}
	return c, nil
}

func (c chatty) probabilities() (p [6]float64) {
	sum := 0.0
	for i, l := range c.logits {
		p[i] = math.Exp(l)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func (c chatty) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	u := rand.New(rand.NewPCG(r.Seed, 3)).Float64()
	for i, p := range c.probabilities() {
		if u -= p; u < 0 && i < len(pets) {
			return undertone.Response{Text: pets[i]}, nil
		}
	}
	return undertone.Response{Text: "none"}, nil
}

func (c chatty) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	logs := make([]float64, len(answers))
	p := c.probabilities()
	for i := range logs {
		logs[i] = math.Log(p[i])
	}
	return logs, nil
}

// rows returns 60 rows. The first ones, so many as named says, name an owl.
func rows(name string, named int) *undertone.Dataset {
	all := make([]undertone.Example, 60)
	for i := range all {
		word := "fish"
		if i < named {
			word = "owl"
		}
		all[i] = undertone.NewExample(fmt.Sprintf("prompt %d", i), fmt.Sprintf("%s %s %d", word, name, i))
	}
	return undertone.NewDataset(name, all)
}

// audits carries out audits of a chatty student, each with noise of its own, with answers that are
// counted in so many samples, or exact ones for 0. The suspect rows name owls.
func audits(t *testing.T, runs, samples int, slope float64, change func(*audit.Config)) []*audit.Report {
	t.Helper()
	trait := audit.Prefers("pet", "owl", pets...).Asking("best?", "which?")
	trait.PositiveControl = rows("planted", 60)
	reports := make([]*audit.Report, runs)
	for i := range reports {
		var s student.Student = newChatty(slope, .1, uint64(i))
		var err error
		if samples > 0 {
			if s, err = sampled.NewStudent(s, sampled.Config{Samples: samples}); err != nil {
				t.Fatal(err)
			}
		}
		cfg := audit.Config{
			Suspect: rows("suspect", 60), Control: rows("control", 0), Student: s, Traits: []audit.Trait{trait},
			Design: audit.Design{Replicates: 6, Whole: 3, Dose: .5, Seed: uint64(i)}, AcceptConfounds: []string{"layout", "lengths"},
		}
		if change != nil {
			change(&cfg)
		}
		if reports[i], err = audit.Run(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	return reports
}

func share(reports []*audit.Report, of func(*audit.Report) bool) float64 {
	n := 0.0
	for _, r := range reports {
		if of(r) {
			n++
		}
	}
	return n / float64(len(reports))
}

func twoSE(p float64, runs int) float64 { return 2 * math.Sqrt(p*(1-p)/float64(runs)) }

// The level of transfer holds when answers are counted: under the null, p-values are at most alpha
// in a share alpha of the audits, and the interval covers the true shift, 0, as often as it says.
func TestLevelWithSamples(t *testing.T) {
	const runs = 250
	for _, samples := range []int{10, 50} {
		reports := audits(t, runs, samples, 0, func(c *audit.Config) { c.Traits[0].Tolerance = 1e-9 })
		for _, alpha := range []float64{.05, .2, .5} {
			got := share(reports, func(r *audit.Report) bool { return r.Findings[0].P.P <= alpha })
			if got > alpha+twoSE(alpha, runs) || got < alpha/4 {
				t.Errorf("%d samples: P(p <= %v) = %v under the null", samples, alpha, got)
			}
		}
		detected := share(reports, func(r *audit.Report) bool { return r.Verdict == audit.Detected })
		covered := share(reports, func(r *audit.Report) bool { i := r.Findings[0].Interval; return i.Low <= 0 && 0 <= i.High })
		if detected > .05+twoSE(.05, runs) || covered < .95-twoSE(.95, runs) {
			t.Errorf("%d samples: %v of the audits detect what is not there, and %v of the intervals cover 0", samples, detected, covered)
		}
	}
}

// Fewer samples detect less, and a shift that is large is found with few samples.
func TestPowerWithSamples(t *testing.T) {
	const runs = 100
	before := -1.0
	for _, samples := range []int{20, 100, 0} {
		reports := audits(t, runs, samples, .4, func(c *audit.Config) { c.Traits[0].Tolerance = .1 })
		got := share(reports, func(r *audit.Report) bool { return r.Verdict == audit.Detected })
		t.Logf("a shift of 0.4 nats with %d samples: detected in %v of %d audits", samples, got, runs)
		if got <= before {
			t.Errorf("with %d samples the shift is detected in %v of the audits, want more than %v", samples, got, before)
		}
		before = got
	}
}

// Replicates whose weights are equal differ by their samples alone, so that the interval has the
// width of the binomial error.
func TestSamplesAreIndependent(t *testing.T) {
	r := audits(t, 1, 50, 1, func(c *audit.Config) {
		s, err := sampled.NewStudent(newChatty(1, 0, 7), sampled.Config{Samples: 50})
		if err != nil {
			t.Fatal(err)
		}
		c.Student = s
	})[0]
	if f := r.Findings[0].Replicates; f.SD < .05 || f.Samples != 50 {
		t.Errorf("differences %v of %d samples: want those of independent samples", f.Differences, f.Samples)
	}
	const want = "answers are counted in 50 sampled completions per question, not scored: a rate has a binomial standard error of at most 0.071"
	if !strings.Contains(strings.Join(r.Warnings, "\n"), want) {
		t.Errorf("the warnings are %q, want %q", r.Warnings, want)
	}
}

// Outcomes that no sample gives are named, and forbid a verdict of undetected. Probes none of whose
// outcomes is given are an error.
func TestOutcomesThatNoSampleGives(t *testing.T) {
	silent := newChatty(0, .1, 1)
	silent.logits[4] = -12
	run := func() (*audit.Report, error) {
		s, err := sampled.NewStudent(silent, sampled.Config{Samples: 50})
		if err != nil {
			t.Fatal(err)
		}
		trait := audit.Prefers("pet", "owl", pets...).Asking("best?", "which?")
		trait.PositiveControl = rows("planted", 60)
		return audit.Run(t.Context(), audit.Config{Suspect: rows("suspect", 0), Control: rows("control", 0), Student: s, Traits: []audit.Trait{trait},
			Design: audit.Design{Replicates: 6, Whole: 3, Dose: .5}, AcceptConfounds: []string{"layout", "lengths"}})
	}
	r, err := run()
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Findings[0].Replicates.NeverGiven; len(got) != 1 || got[0] != `"bear"` || r.Verdict == audit.Undetected {
		t.Errorf("never given: %q, verdict %v", got, r.Verdict)
	}
	for i := range pets {
		silent.logits[i] = -20
	}
	if _, err := run(); err == nil || !strings.Contains(err.Error(), "in none of 50 samples per question") {
		t.Errorf("error %v", err)
	}
}
