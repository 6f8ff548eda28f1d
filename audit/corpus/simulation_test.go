package corpus

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// twoSE returns two standard errors of a rate p over runs.
func twoSE(p float64, runs int) float64 { return 2 * math.Sqrt(p*(1-p)/float64(runs)) }

// simulations is the number of comparisons from which a rate is measured.
const simulations = 200

// If one writer wrote both arms, P(p <= .05) is at most .05 for each test, within 3 standard
// errors: among 36 rates some exceed 2. The 95 % intervals of this smallest design may miss .5 in
// one of ten comparisons.
func TestNull(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: error rates under the null")
	}
	const runs = simulations
	for _, c := range []struct {
		reason string
		make   func(rng *rand.Rand) (suspect, control *undertone.Dataset)
	}{
		{"the same prompts, a row each, layouts at random", func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return writer{layouts: true}.write("a", 0, 60, 1, rng), writer{layouts: true}.write("b", 0, 60, 1, rng)
		}},
		{"few prompts, many rows each, layouts at random", func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return writer{layouts: true}.write("a", 0, 4, 15, rng), writer{layouts: true}.write("b", 0, 4, 15, rng)
		}},
		{"no prompts, stock answers in both arms", func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return writer{repeats: true}.write("a", -1, 60, 1, rng), writer{repeats: true}.write("b", -1, 60, 1, rng)
		}},
		{"a third of the prompts is shared, the others differ", func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return writer{}.write("a", 0, 90, 2, rng), writer{}.write("b", 60, 90, 2, rng)
		}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			rejected, outside, detected := map[string]int{}, map[string]int{}, 0
			for run := range runs {
				a, b := c.make(rand.New(rand.NewPCG(uint64(run), 1)))
				r := compare(t, a, b, fast(run))
				if r.Content == nil {
					t.Fatal(r.Reasons)
				}
				for _, f := range append(r.Channels, *r.Content, *r.Layout) {
					rejected[f.Channel] += btoi(f.P.P <= .05)
					outside[f.Channel] += btoi(f.Row.Low > .5 || f.Row.High < .5)
					outside[f.Channel+" in bags"] += btoi(f.Bag.Low > .5 || f.Bag.High < .5)
				}
				rejected["mmd"] += btoi(r.MMD.P.P <= .05)
				detected += btoi(r.Outcome == Distinguishable)
			}
			for what, n := range rejected {
				if rate := float64(n) / runs; rate > .05+1.5*twoSE(.05, runs) {
					t.Errorf("%s: P(p ≤ .05) = %.3f under the null", what, rate)
				}
			}
			for what, n := range outside {
				if rate := float64(n) / runs; rate > .1+twoSE(.1, runs) {
					t.Errorf("%s: %.3f of the 95 %% intervals leave .5 out under the null", what, rate)
				}
			}
			if rate := float64(detected) / runs; rate > .05+1.5*twoSE(.05, runs) {
				t.Errorf("%.3f of the comparisons say that the arms differ under the null", rate)
			}
			t.Logf("rejected %v, outside %v, detected %d of %d", rejected, outside, detected, runs)
		})
	}
}

// A planted habit is detected by the classifier, by the kernel and by the channel that observes it.
func TestPower(t *testing.T) {
	const runs = 40
	detected, given, kernel, digits, top := 0, 0, 0, 0, 0
	for run := range runs {
		rng := rand.New(rand.NewPCG(uint64(run), 2))
		r := compare(t, writer{tilt: .3}.write("a", 0, 120, 1, rng), writer{}.write("b", 0, 120, 1, rng), fast(run))
		detected += btoi(r.Outcome == Distinguishable)
		kernel += btoi(r.MMD.P.P <= .05)
		digits += btoi(r.Channels[2].P.P <= .05)
		top += btoi(r.Rows[0].Score > 0)
		given += btoi(slices.Contains(r.By, byBeyond))
	}
	t.Logf("of %d: distinguishable %d, also given the layout %d, kernel %d, digits %d", runs, detected, given, kernel, digits)
	if detected < 9*runs/10 || digits < 9*runs/10 {
		t.Errorf("30 %% planted endings: detected in %d of %d, by digits in %d", detected, runs, digits)
	}
	if given < 9*runs/10 {
		t.Errorf("the content differs given the layout in %d of %d", given, runs)
	}
	if kernel < runs/2 {
		t.Errorf("the kernel detects %d of %d", kernel, runs)
	}
	if top < runs {
		t.Errorf("the highest score is above 0 in %d of %d", top, runs)
	}
}

// If only the prompts differ between the arms, the content tells the arms apart, and the outcome
// must not be distinguishable.
func TestPrompts(t *testing.T) {
	for run := range 20 {
		rng := rand.New(rand.NewPCG(uint64(run), 3))
		r := compare(t, writer{}.write("a", 0, 60, 1, rng), writer{}.write("b", 500, 60, 1, rng), fast(run))
		if r.Outcome != Inconclusive || r.Design.Matched || len(r.Warnings) == 0 {
			t.Fatalf("run %d: %v, matched %v, warnings %q", run, r.Outcome, r.Design.Matched, r.Warnings)
		}
		if r.Content.Row.Area < .8 {
			t.Errorf("run %d: AUROC %v: the prompts do not tell the arms apart", run, r.Content.Row)
		}
	}
}

// If the arms share no prompt but the prompts are of one kind, p keeps its level with the prompt as
// the unit.
func TestDisjointPromptsAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: error rates where the prompt is the unit")
	}
	const runs = simulations
	rejected, kernel := 0, 0
	for run := range runs {
		rng := rand.New(rand.NewPCG(uint64(run), 4))
		order := rng.Perm(60)
		write := func(prompts []int) *undertone.Dataset {
			var rows []undertone.Example
			for _, p := range prompts {
				rows = append(rows, writer{}.write("", 10*p, 1, 2, rng).Example(0), writer{}.write("", 10*p, 1, 1, rng).Example(0))
			}
			return undertone.NewDataset("d", rows)
		}
		r := compare(t, write(order[:30]), write(order[30:]), fast(run))
		rejected += btoi(r.Content.P.P <= .05)
		kernel += btoi(r.MMD.P.P <= .05)
	}
	t.Logf("rejected by content %d, by mmd %d of %d", rejected, kernel, runs)
	for what, n := range map[string]int{"content": rejected, "mmd": kernel} {
		if rate := float64(n) / runs; rate > .05+twoSE(.05, runs) {
			t.Errorf("%s: P(p ≤ .05) = %.3f under the null", what, rate)
		}
	}
}

// Arms of one writer in two layouts differ in the layout and not in the content.
func TestLayout(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: error rates where layouts differ")
	}
	const runs = simulations
	content, layout := 0, 0
	for run := range runs {
		rng := rand.New(rand.NewPCG(uint64(run), 5))
		r := compare(t, writer{separator: ";"}.write("a", 0, 60, 1, rng), writer{}.write("b", 0, 60, 1, rng), fast(run))
		content += btoi(slices.Contains(r.By, byContent))
		layout += btoi(slices.Contains(r.By, byLayout) && r.Layout.Row.Area > .9)
	}
	t.Logf("by content %d, by layout %d of %d", content, layout, runs)
	if rate := float64(content) / runs; rate > .05+twoSE(.05, runs) {
		t.Errorf("a difference of layout is called one of content in %.3f of the comparisons", rate)
	}
	if layout < runs {
		t.Errorf("the layout is found in %d of %d", layout, runs)
	}
}

// With random labels and rows that occur in many bags of one label, folds by bag would leak the
// labels. The cross-validated AUROC must be .5.
func TestSharedRows(t *testing.T) {
	const runs = 100
	sum, squares := 0.0, 0.0
	for run := range runs {
		rng := rand.New(rand.NewPCG(uint64(run), 6))
		var bags []Bag
		for _, label := range []bool{true, false} {
			pool := writer{}.write("pool", -1, 80, 1, rng)
			for range 60 {
				b := Bag{Suspect: label}
				for range 8 {
					b.Rows = append(b.Rows, pool.Example(rng.IntN(pool.Len())))
				}
				bags = append(bags, b)
			}
		}
		c, err := Train(context.Background(), bags, Config{Seed: uint64(run), Folds: 4})
		if err != nil {
			t.Fatal(err)
		}
		if c.CrossValidated.Bag.Bag != 8 {
			t.Fatalf("bags of %d are validated as bags of %d", 8, c.CrossValidated.Bag.Bag)
		}
		a := c.CrossValidated.Bag.Area
		sum, squares = sum+a, squares+a*a
		if seen := c.Test(bags).Area; c.slope > 0 && seen < a {
			t.Errorf("run %d: %v on bags that were trained on, %v held out", run, seen, a)
		}
	}
	m := sum / runs
	se := math.Sqrt((squares/runs - m*m) / runs)
	t.Logf("mean AUROC %.3f ± %.3f over %d", m, se, runs)
	if math.Abs(m-.5) > 2.5*se {
		t.Errorf("mean AUROC %.3f ± %.3f of random labels", m, se)
	}
}

// A large comparison of one writer with itself ends not distinguishable if the positive control is
// found.
func TestNotDistinguishable(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	control := writer{}.write("control", 0, 300, 2, rng)
	same := writer{}.write("same", 0, 300, 2, rng)
	planted := writer{tilt: .3}.write("planted", 0, 300, 2, rng)
	c := Config{Seed: 1, Bag: 2, Folds: 4, Repeats: 2, Permutations: 99, Margin: .15}
	if r := compare(t, same, control, c); r.Outcome != Inconclusive {
		t.Errorf("%v without a positive control: %v", r.Outcome, r.Reasons)
	}
	c.PositiveControl = planted
	if r := compare(t, same, control, c); r.Outcome != NotDistinguishable {
		t.Errorf("%v: %v", r.Outcome, r.Reasons)
	}
	c.PositiveControl = writer{}.write("not planted", 0, 300, 2, rng)
	if r := compare(t, same, control, c); r.Outcome != Inconclusive {
		t.Errorf("%v although the positive control was not found: %v", r.Outcome, r.Reasons)
	}
}

// The area of the content given the layout is one half if the layout explains the content, and
// that of the content if it does not.
func TestAreaGivenLayout(t *testing.T) {
	runs := 20
	if testing.Short() {
		runs = 8
	}
	mixed := []string{", ", "; "}
	for _, c := range []struct {
		reason string
		make   func(rng *rand.Rand) (a, b *undertone.Dataset)
		given  float64 // mean area
		within float64
	}{
		{"the layout explains the content", func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return source{separators: mixed, share: .75, longer: true}.rows(160, 1, 1, rng), source{separators: mixed, share: .25, longer: true}.rows(160, 1, 1, rng)
		}, .5, .04},
		{"equal layouts", func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return writer{tilt: .1, layouts: true}.write("a", 0, 160, 1, rng), writer{layouts: true}.write("b", 0, 160, 1, rng)
		}, .615, .04},
	} {
		content, given := 0.0, 0.0
		for run := range runs {
			a, b := c.make(rand.New(rand.NewPCG(uint64(run), 55)))
			r := compare(t, a, b, fast(run))
			content += r.Content.Row.Area / float64(runs)
			given += r.Beyond.Row.Area / float64(runs)
		}
		if content < .57 || math.Abs(given-c.given) > c.within {
			t.Errorf("%s: AUROC of rows %.3f by content, %.3f given the layout; want above .57, and %.3f ± %.3f", c.reason, content, given, c.given, c.within)
		}
	}
}
