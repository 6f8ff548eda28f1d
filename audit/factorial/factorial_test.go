package factorial

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// words are the outcomes of the probes. The first four are traits.
var words = []string{"owl", "cat", "dog", "fox", "elk", "hen", "ape", "yak"}

// crossed returns an experiment over four traits. If carried is true, each arm carries its own
// trait in all rows.
func crossed(carried bool) Config {
	c := Config{
		Control: fake.Rows("control", 60, 0, ""), Student: fake.Student{Slope: 1, Noise: 0.05, Shared: 1},
		Design: audit.Design{Replicates: 6, Seed: 1},
	}
	for _, word := range words[:4] {
		said := ""
		if carried {
			said = word
		}
		c.Arms = append(c.Arms, saying("rows for "+strings.ToUpper(word), said, said))
		c.Traits = append(c.Traits, fakeaudit.Prefers(word, words...))
	}
	return c
}

// saying returns 60 rows that answer the prompts of the control. One half contains the words of
// first, the other half those of second.
func saying(name, first, second string) undertone.Data {
	rows := make([]undertone.Example, 60)
	for i := range rows {
		said := first
		if i >= 30 {
			said = second
		}
		rows[i] = undertone.NewExample(fmt.Sprintf("prompt %d", i), fmt.Sprintf("%s %d %s", name, i, said))
	}
	return undertone.NewDataset(name, rows)
}

func run(t testing.TB, c Config) *Report {
	t.Helper()
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		reason  string
		carried bool
		change  func(*Config)
		want    audit.Verdict
		because string
	}{
		{"every arm carries its trait", true, nil, audit.Detected,
			"the p-values over replicates (≤ 0.016 (floor)) and over assignments of data sets to traits (≤ 0.042 (floor)) are at most 0.05"},
		{"without a control", true, func(c *Config) { c.Control = nil }, audit.Detected, "at least the tolerance"},
		{"no arm carries a trait", false, nil, audit.Inconclusive, "is less than the tolerance of 0.25; γ is a mean over the data sets, so this clears none of them"},
		{"the names are exchanged", true, func(c *Config) {
			c.Arms[0], c.Arms[1], c.Arms[2], c.Arms[3] = c.Arms[1], c.Arms[0], c.Arms[3], c.Arms[2]
		}, audit.Inconclusive, "other assignments of data sets to traits fit as well: p 0.71"},
		{"one arm of four: a quarter of the assignments keep it", false, func(c *Config) {
			c.Student = fake.Student{Slope: 4}
			c.Arms[0] = saying("one", "owl", "owl")
		}, audit.Inconclusive, "other assignments of data sets to traits fit as well: p 0.25"},
		{"a tolerance above γ", true, func(c *Config) { c.Traits[0].Tolerance = 10 }, audit.Inconclusive, "is less than the tolerance of 2.69"},
		{"three arms", true, func(c *Config) { c.Arms, c.Traits = c.Arms[:3], c.Traits[:3] }, audit.Inconclusive,
			"need >= 4 data sets: with 3 the smallest possible p-value over assignments is 0.167"},
		{"four replicates", true, func(c *Config) { c.Replicates = 4 }, audit.Inconclusive, "need >= 5 replicates: with 4"},
		{"noise", true, func(c *Config) { c.Student = fake.Student{Slope: 0.5, Noise: 3, Seed: 7} }, audit.Inconclusive, "the replicates do not agree that γ is above 0"},
	} {
		x := crossed(c.carried)
		if c.change != nil {
			c.change(&x)
		}
		r := run(t, x)
		if r.Verdict != c.want || !strings.Contains(strings.Join(r.Reasons, "; "), c.because) {
			t.Errorf("%s: %s because %q, want %s because of %q", c.reason, r.Verdict, r.Reasons, c.want, c.because)
		}
	}
}

// TestReplicatesNeeded: if γ is large enough but the replicates do not agree on it, the report says
// how many replicates are needed. If γ is too small, more replicates do not help.
func TestReplicatesNeeded(t *testing.T) {
	noisy := crossed(true)
	noisy.Student = fake.Student{Slope: 0.8, Noise: 2, Seed: 2}
	r := run(t, noisy)
	if r.Gamma.Mean < r.Tolerance || r.PReplicates.P <= 0.05 {
		t.Fatalf("γ %s, p %s: want a large γ of disagreeing replicates", r.Gamma, r.PReplicates)
	}
	if r.Needed <= 6 || !strings.Contains(strings.Join(r.Reasons, "; "), fmt.Sprintf("need about %d replicates", r.Needed)) {
		t.Errorf("%d replicates are needed because %q", r.Needed, r.Reasons)
	}
	few := crossed(true)
	few.Replicates = 4
	if r := run(t, few); r.Needed != 5 {
		t.Errorf("4 replicates: %d are needed, want 5", r.Needed)
	}
	if r := run(t, crossed(false)); r.Needed != 0 {
		t.Errorf("γ below the tolerance: %d replicates are needed, want 0", r.Needed)
	}
}

// A word in half of the rows raises its margin by 1/2 and lowers that of the seven others by 1/14,
// so γ is 8/14. What all arms do to one trait, and what one arm does to all traits, changes lifts
// and leaves γ as it is.
func TestGammaIsTheInteraction(t *testing.T) {
	for _, c := range []struct {
		reason       string
		also         func(arm int) string
		own, another float64 // lifts by arm 0 of its own trait, and of the cat
	}{
		{"γ alone", func(int) string { return "" }, 1.0 / 2, -1.0 / 14},
		{"every arm raises the cat", func(int) string { return "cat" }, 1.0/2 - 1.0/14, -1.0/14 + 1.0/2},
		{"arm 0 raises words that are no traits, so all traits fall", func(arm int) string {
			if arm == 0 {
				return "elk hen ape yak"
			}
			return ""
		}, 1.0/2 - 4.0/14, -1.0/14 - 4.0/14},
	} {
		x := crossed(true)
		x.Student, x.Rows = fake.Student{Slope: 1}, audit.ShareRows // no noise
		for i := range x.Arms {
			x.Arms[i] = saying(fmt.Sprint("arm ", i), words[i], c.also(i))
		}
		r := run(t, x)
		if want := 8.0 / 14; math.Abs(r.Gamma.Mean-want) > 1e-9 || r.Gamma.SD > 1e-9 || len(r.ByReplicate) != 6 {
			t.Errorf("%s: γ %+v, want %v in each of 6 replicates", c.reason, r.Gamma, want)
		}
		if own := r.Lifts[0][0]; math.Abs(own-c.own) > 1e-9 || math.Abs(r.Arms[0].Lift.Mean-own) > 1e-12 || r.Arms[0].Rank != 1 {
			t.Errorf("%s: lift of the own trait %v, want %v; rank %d", c.reason, own, c.own, r.Arms[0].Rank)
		}
		if got := r.Lifts[0][1]; math.Abs(got-c.another) > 1e-9 {
			t.Errorf("%s: lift of the cat %v, want %v", c.reason, got, c.another)
		}
	}
}

// An arm is ranked by the residual of its own trait. An arm that raises another trait ranks last.
func TestRankOfAnArm(t *testing.T) {
	x := crossed(true)
	x.Student, x.Rows = fake.Student{Slope: 1}, audit.ShareRows
	x.Arms[2] = saying("a mistaken teacher", "owl cat fox", "owl cat fox")
	for i, a := range run(t, x).Arms {
		want := 1
		if i == 2 {
			want = 4
		}
		if a.Rank != want {
			t.Errorf("arm %d has rank %d, want %d", i, a.Rank, want)
		}
	}
}

// γ is a contrast between the arms, so the reference of the lifts does not matter.
func TestGammaDoesNotDependOnTheControl(t *testing.T) {
	x := crossed(true)
	x.Rows = audit.ShareRows // the parts depend on the control
	with := run(t, x)
	x.Control = nil
	without := run(t, x)
	for k, g := range with.ByReplicate {
		if math.Abs(g-without.ByReplicate[k]) > 1e-9 {
			t.Errorf("replicate %d: γ %v with a control, %v without", k, g, without.ByReplicate[k])
		}
	}
	if with.Lifts[0][0] == without.Lifts[0][0] || without.Control != nil || with.Control == nil {
		t.Error("lifts have the same reference with and without a control")
	}
}

// An interrupted experiment resumes.
func TestResume(t *testing.T) {
	x := crossed(true)
	want := run(t, x)
	trained := new(atomic.Int64)
	s := x.Student.(fake.Student)
	ctx, cancel := context.WithCancel(t.Context())
	s.OnTrain = func(ctx context.Context) error {
		if trained.Add(1) > 7 {
			cancel()
		}
		return ctx.Err()
	}
	x.Student, x.Store, x.Parallel = s, new(undertone.MemoryStore), 1
	if r, err := Run(ctx, x); r != nil || !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped in training 8: report %v, error %v", r != nil, err)
	}
	s.OnTrain = func(context.Context) error { trained.Add(1); return nil }
	x.Student = s
	trained.Store(0)
	if r := run(t, x); r.Digest != want.Digest || trained.Load() != 30-7 {
		t.Errorf("resumed: the same report: %v; %d trainings of 30 after 7 were stored", r.Digest == want.Digest, trained.Load())
	}
}

func TestReportDoesNotDependOnParallelism(t *testing.T) {
	x := crossed(true)
	x.Parallel = 1
	var seen []string
	x.Progress = func(p audit.Progress) { seen = append(seen, fmt.Sprintf("%s %d/%d", p.Stage, p.Done, p.Total)) }
	want := run(t, x)
	if len(seen) != 30 || seen[0] != "control 1/6" || seen[29] != "prefers animal fox 6/6" {
		t.Errorf("progress %q", seen)
	}
	x.Parallel, x.Progress = 8, nil
	if run(t, x).Digest != want.Digest {
		t.Error("another report with 8 trainings at once")
	}
	x.Seed++
	if run(t, x).Digest == want.Digest {
		t.Error("the report does not depend on the seed")
	}
}

// Each replicate has a seed of its own, so that of the recipe is ignored.
func TestSeedOfTheRecipeIsIgnored(t *testing.T) {
	x := crossed(true)
	want := run(t, x)
	x.Recipe.Seed = 77
	if r := run(t, x); r.Digest != want.Digest || r.Recipe.Seed != 0 {
		t.Errorf("another report; seed %d of the recipe", r.Recipe.Seed)
	}
}

// With many replicates the sign-flip test draws enough permutations to reach alpha.
func TestPermutationsReachAlpha(t *testing.T) {
	x := crossed(true)
	x.Replicates, x.Rows, x.Alpha = 24, audit.ShareRows, 1e-4
	if p := run(t, x).PReplicates; p.Exact || p.Floor > 1e-4/5 || p.P > 1e-4 {
		t.Errorf("p %+v, want a floor far below alpha", p)
	}
}

func TestWarnings(t *testing.T) {
	x := crossed(true)
	if r := run(t, x); len(r.Warnings) != 0 {
		t.Errorf("warnings %q", r.Warnings)
	}
	x.Rows = audit.ShareRows
	x.Arms[1] = x.Arms[1].Select([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	all := strings.Join(run(t, x).Warnings, "\n")
	for _, want := range []string{"the arms differ in size, 12 to 60 rows", "all replicates share the rows"} {
		if !strings.Contains(all, want) {
			t.Errorf("warnings %q, want %q", all, want)
		}
	}
}

// torn is data that fails to divide itself.
type torn struct {
	undertone.Data
	err error
}

func (d torn) Part(int, int) (undertone.Data, error) { return nil, d.err }

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Config)
		want   string
	}{
		{"one arm", func(c *Config) { c.Arms, c.Traits = c.Arms[:1], c.Traits[:1] }, "1 arms for 1 traits, want one arm for each of at least 2 traits"},
		{"no trait for an arm", func(c *Config) { c.Traits = c.Traits[:3] }, "4 arms for 3 traits"},
		{"no traits", func(c *Config) { c.Traits = nil }, "there are no traits"},
		{"no student", func(c *Config) { c.Student = nil }, "there is no student"},
		{"a missing arm", func(c *Config) { c.Arms[1] = nil }, "arm 1 has no rows"},
		{"an arm twice", func(c *Config) { c.Arms[3] = c.Arms[1] }, "arms 1 and 3 have the same rows"},
		{"an arm as control", func(c *Config) { c.Control = c.Arms[2] }, "arm 2 and the control have the same rows"},
		{"an empty control", func(c *Config) { c.Control = fake.Rows("", 0, 0, "") }, "the control data set has no rows; leave it nil"},
		{"a trait twice", func(c *Config) { c.Traits[1] = c.Traits[0] }, `trait "prefers animal owl" is listed twice`},
		{"two scales", func(c *Config) { c.Traits[1].Scale = audit.Share }, `trait "prefers animal cat" is on the scale "share" and "prefers animal owl" on "margin"`},
		{"a trait without probes", func(c *Config) { c.Traits[2].Probes = nil }, `trait 2 ("prefers animal dog"): it has no probes`},
		{"an invalid alpha", func(c *Config) { c.Alpha = 2 }, "alpha is 2"},
		{"replicates that no reader of the report accepts", func(c *Config) { c.Replicates = maxReplicates + 1 }, "1001 replicates of 4 arms, want at most 1000"},
		{"interim looks", func(c *Config) { c.InterimEvery = 2 }, "has no interim looks; leave InterimEvery at 0"},
		{"fewer rows than replicates", func(c *Config) { c.Arms[0] = fake.Rows("few", 5, 5, "owl") }, "no rows are left for this replicate"},
		{"an arm that fails to divide itself", func(c *Config) { c.Arms[0] = torn{c.Arms[0], errors.New("torn")} }, "torn"},
		{"rows that the student cannot learn from", func(c *Config) { c.Arms[1], c.Parallel = fakeaudit.NotText{Data: c.Arms[1]}, 1 }, "prefers animal cat, replicate 0: fake: cannot learn"},
	} {
		x := crossed(true)
		c.change(&x)
		if r, err := Run(t.Context(), x); r != nil || err == nil || !strings.HasPrefix(err.Error(), "factorial: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}
