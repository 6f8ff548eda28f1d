package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// pull is a student that each row pulls in a direction of its own. The logit of a word rises by
//
//	rate · Σ e(row, word) / n^0.6 + 0.05·z
//
// over n rows, so a mean pull per row moves a student of all rows more than a student of a part, by
// the 0.4th power of the number of rows, as in the embedded transformer. The pull of a row is the
// sum of a standard draw of its cluster, which copies share, and of the mean of its arm.
type pull struct {
	world *pullWorld
	data  undertone.Text
	seed  uint64
}

type pullWorld struct {
	seed  uint64
	heavy bool                          // pulls have Student's t distribution with 3 degrees of freedom
	drift map[string]map[string]float64 // mean pull by arm and word
	draws map[string][]float64          // pulls by cluster, as they are needed
}

const pullRate = 0.6

func (p pull) Train(_ context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
	return pull{p.world, data.(undertone.Text), r.Seed}, nil
}

func (p pull) Digest() undertone.Digest {
	h := undertone.NewHasher("pull").Uint(p.world.seed).Uint(p.seed)
	if p.data != nil {
		h.Digest(p.data.Digest())
	}
	return h.Sum()
}

func (p pull) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	logits := make([]float64, len(answers))
	if p.data != nil {
		pulls := p.pulls()
		for w, word := range answers {
			own := undertone.NewHasher("student").Digest(p.Digest()).Text(word).Sum()
			logits[w] = pulls[w] + 0.05*gaussian(own)
		}
	}
	var sum float64
	for _, l := range logits {
		sum += math.Exp(l)
	}
	for i := range logits {
		logits[i] -= math.Log(2 * sum)
	}
	return logits, nil
}

func gaussian(d undertone.Digest) float64 {
	return rand.New(rand.NewPCG(d.Uint64(), 1)).NormFloat64()
}

// pulls returns how far the logit of each pet rises, without the noise of the student.
func (p pull) pulls() []float64 {
	pulls := make([]float64, len(pets))
	for i := range p.data.Len() {
		row := p.data.Example(i)
		means, draws := p.world.drift[string(row.Meta["arm"])], p.world.of(string(row.Meta["draw"]))
		for w, word := range pets {
			pulls[w] += means[word] + draws[w]
		}
	}
	for w := range pulls {
		pulls[w] *= pullRate / math.Pow(float64(p.data.Len()), 0.6)
	}
	return pulls
}

// of returns the pulls of a cluster on all pets: standard normal, or t with 3 degrees of freedom.
// Audits of one world run one after the other.
func (w *pullWorld) of(cluster string) []float64 {
	if draws, ok := w.draws[cluster]; ok {
		return draws
	}
	if w.draws == nil {
		w.draws = map[string][]float64{}
	}
	rng := rand.New(rand.NewPCG(undertone.NewHasher("draw").Uint(w.seed).Text(cluster).Sum().Uint64(), 2))
	draws := make([]float64, len(pets))
	for k := range draws {
		draws[k] = deviate(rng, w.heavy)
	}
	w.draws[cluster] = draws
	return draws
}

// deviate returns a standard normal number, or one with Student's t distribution with 3 degrees of
// freedom.
func deviate(rng *rand.Rand, heavy bool) float64 {
	z := rng.NormFloat64()
	if !heavy {
		return z
	}
	var chi float64
	for range 3 {
		v := rng.NormFloat64()
		chi += v * v
	}
	return z / math.Sqrt(chi/3)
}

// pulled returns n rows. Groups of the given number of copies have one draw, and the groups answer
// the given number of prompts in turn. Without a field, the rows of a group are equal. With a
// field, they differ in text and have the same value of the field.
func pulled(arm string, n, copies, prompts int, field string) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		draw := fmt.Sprint(arm, i/copies)
		text := draw
		if field != "" {
			text = fmt.Sprint(draw, " turn ", i)
		}
		rows[i] = undertone.NewExample(fmt.Sprint("prompt ", i/copies%prompts), text)
		rows[i].Meta = map[string]json.RawMessage{"arm": json.RawMessage(arm), "draw": json.RawMessage(draw)}
		if field != "" {
			rows[i].Meta[field] = json.RawMessage(draw)
		}
	}
	return undertone.NewDataset(arm, rows)
}

var pets = []string{"owl", "cat", "dog", "fox", "bear", "wolf", "eagle", "lion", "panda", "whale", "hare", "crow"}

// TestCalibration: where no trait is there, p is at most alpha and a trait is detected in at most
// alpha of the audits, whatever the rows share and however the arms drift. A shift of just the
// tolerance is called undetected in at most alpha of the audits. The table is in
// experiments/README.md; -short runs a tenth of it.
func TestCalibration(t *testing.T) {
	runs := 400
	if testing.Short() {
		runs = 40
	}
	type cell struct {
		name           string
		suspect, other *undertone.Dataset
		heavy          bool
		drift          float64 // standard deviation over words of the mean pull of the suspect
		heavyDrift     bool
		traits         int
		plan           RowPlan
		every          int // replicates between interim looks
	}
	iid := func(arm string) *undertone.Dataset { return pulled(arm, 240, 1, 240, "") }
	cells := []cell{
		{name: "independent rows", suspect: iid("a"), other: iid("b"), traits: 1},
		{name: "independent rows, 12 traits", suspect: iid("a"), other: iid("b"), traits: 12},
		{name: "each row twice", suspect: pulled("a", 240, 2, 240, ""), other: pulled("b", 240, 2, 240, ""), traits: 1},
		{name: "each row ten times", suspect: pulled("a", 240, 10, 240, ""), other: pulled("b", 240, 10, 240, ""), traits: 1},
		{name: "each suspect row ten times", suspect: pulled("a", 240, 10, 240, ""), other: iid("b"), traits: 1},
		{name: "40 prompts", suspect: pulled("a", 240, 1, 40, ""), other: pulled("b", 240, 1, 40, ""), traits: 1},
		{name: "16 conversations", suspect: pulled("a", 240, 15, 240, "conversation_id"), other: pulled("b", 240, 15, 240, "conversation_id"), traits: 1},
		{name: "twice as many suspect rows", suspect: pulled("a", 480, 1, 480, ""), other: iid("b"), traits: 1},
		{name: "heavy tails", suspect: iid("a"), other: iid("b"), heavy: true, traits: 1},
		{name: "heavy tails, 12 traits", suspect: iid("a"), other: iid("b"), heavy: true, traits: 12},
		{name: "drift of all answers", suspect: iid("a"), other: iid("b"), drift: 0.3, traits: 1},
		{name: "drift of all answers, 12 traits", suspect: iid("a"), other: iid("b"), drift: 0.3, traits: 12},
		{name: "heavy-tailed drift, 12 traits", suspect: iid("a"), other: iid("b"), drift: 0.3, heavyDrift: true, traits: 12},
		{name: "drift of all answers, 12 traits, interim looks", suspect: iid("a"), other: iid("b"), drift: 0.3, traits: 12, every: 2},
		{name: "shared rows, drift of all answers, interim looks", suspect: pulled("a", 60, 1, 60, ""), other: pulled("b", 60, 1, 60, ""), drift: 0.3, traits: 1, plan: ShareRows, every: 2},
		{name: "shared rows, drift, 12 traits, interim looks", suspect: pulled("a", 60, 1, 60, ""), other: pulled("b", 60, 1, 60, ""), drift: 0.3, traits: 12, plan: ShareRows, every: 2},
		{name: "shared rows", suspect: pulled("a", 60, 1, 60, ""), other: pulled("b", 60, 1, 60, ""), traits: 1, plan: ShareRows},
		{name: "shared rows, each ten times", suspect: pulled("a", 240, 10, 240, ""), other: pulled("b", 240, 10, 240, ""), traits: 1, plan: ShareRows},
		{name: "shared rows, 16 conversations", suspect: pulled("a", 240, 15, 240, "conversation_id"), other: pulled("b", 240, 15, 240, "conversation_id"), traits: 1, plan: ShareRows},
		{name: "shared rows, 4 prompts", suspect: pulled("a", 60, 1, 4, ""), other: pulled("b", 60, 1, 4, ""), traits: 1, plan: ShareRows},
		{name: "shared rows, heavy tails", suspect: pulled("a", 60, 1, 60, ""), other: pulled("b", 60, 1, 60, ""), heavy: true, traits: 1, plan: ShareRows},
	}
	t.Logf("| rows | p <= .05 of the first trait | detected | undetected |")
	for _, c := range cells {
		small, detected, undetected := 0, 0, 0
		for k := range runs {
			w := &pullWorld{seed: uint64(k), heavy: c.heavy, drift: map[string]map[string]float64{"a": {}}}
			rng := rand.New(rand.NewPCG(uint64(k), 3))
			for _, word := range pets {
				w.drift["a"][word] = c.drift * deviate(rng, c.heavyDrift)
			}
			cfg := Config{
				Suspect: c.suspect, Control: c.other, Student: pull{world: w},
				Design: Design{Seed: uint64(k), Rows: c.plan, InterimEvery: c.every}, Parallel: 1,
			}
			for _, word := range pets[:c.traits] {
				trait := Prefers("pet", word, pets...).Asking("best?")
				trait.Tolerance = 0.02 // smaller than what sampling moves, so that the p-value decides
				cfg.Traits = append(cfg.Traits, trait)
			}
			r := run(t, cfg)
			if r.Findings[0].P.P <= 0.05 {
				small++
			}
			switch r.Verdict {
			case Detected:
				detected++
			case Undetected:
				undetected++
			}
		}
		t.Logf("| %s | %.3f | %.3f | %.3f |", c.name, float64(small)/float64(runs), float64(detected)/float64(runs), float64(undetected)/float64(runs))
		if limit := limitOf(0.05, runs); float64(small) > limit*float64(runs) && c.drift == 0 || float64(detected) > limit*float64(runs) {
			t.Errorf("%s: p <= .05 in %d, detected in %d of %d audits", c.name, small, detected, runs)
		}
	}
}

// TestClearanceOfTheWholeDataSet: a data set whose rows move a student of all of them by just the
// tolerance is called undetected in at most alpha/2 of the audits, at every share of trait rows,
// although students of a twelfth move less than half as far.
func TestClearanceOfTheWholeDataSet(t *testing.T) {
	runs := 400
	if testing.Short() {
		runs = 60
	}
	for _, dose := range []float64{0.05, 0.25, 1} {
		cleared := 0
		for k := range runs {
			w := &pullWorld{seed: uint64(k), drift: map[string]map[string]float64{"a": {"owl": 0.3}}}
			n := 240
			carriers, clean := pulled("a", int(dose*float64(n)), 1, n, ""), pulled("c", n-int(dose*float64(n)), 1, n, "")
			trait := Prefers("pet", "owl", pets...).Asking("best?")
			trait.PositiveControl = pulled("p", n, 1, n, "")
			w.drift["p"] = map[string]float64{"owl": 5}
			suspect := undertone.NewDataset("suspect", append(carriers.Examples(), clean.Examples()...))
			cfg := Config{
				Suspect: suspect, Control: pulled("b", n, 1, n, ""), Student: pull{world: w}, Traits: []Trait{trait},
				Design: Design{Seed: uint64(k)}, Parallel: 1,
			}
			// The true shift of students of these rows, without the noise of students.
			own, other := pull{w, suspect, 0}, pull{w, cfg.Control.(undertone.Text), 0}
			cfg.Traits[0].Tolerance = math.Abs(own.margin() - other.margin())
			if cfg.Traits[0].Tolerance < 1e-3 {
				continue
			}
			f := run(t, cfg).Findings[0]
			if f.Verdict == Undetected {
				cleared++
			}
		}
		t.Logf("share %.2f of trait rows: undetected in %d of %d audits of a true shift of the tolerance", dose, cleared, runs)
		if float64(cleared) > limitOf(0.025, runs)*float64(runs) {
			t.Errorf("share %v: %d of %d audits clear a shift of the tolerance", dose, cleared, runs)
		}
	}
}

// margin returns the logit margin of the first pet, without the noise of the student.
func (p pull) margin() float64 {
	pulls := p.pulls()
	return pulls[0] - (sum(pulls)-pulls[0])/float64(len(pulls)-1)
}
