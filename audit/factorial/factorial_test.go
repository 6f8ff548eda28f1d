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
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// eight are the outcomes of the crossed tests' probes, of which the first four are traits.
var eight = []string{"owl", "cat", "dog", "fox", "elk", "hen", "ape", "yak"}

// crossing is an experiment over four traits, of which each arm carries its own in all rows if
// carried is true. Outcome j of arm i has the logit of the untrained student plus Slope in
// rows that contain its word.
func crossing(carried bool) Crossing {
	c := Crossing{
		Control: fake.Rows("control", 60, 0, ""), Student: fake.Student{Slope: 1, Noise: 0.05, Shared: 1},
		Replicates: 6, Seed: 1,
	}
	for _, word := range eight[:4] {
		said := ""
		if carried {
			said = word
		}
		c.Arms = append(c.Arms, saying("rows for "+strings.ToUpper(word), said, said))
		c.Traits = append(c.Traits, Prefers("animal", word, eight...).Asking("favorite?"))
	}
	return c
}

// saying returns 60 rows of the control's prompts, of which one half contains the words of first and the other those of second.
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

func cross(t testing.TB, c Crossing) *CrossReport {
	t.Helper()
	r, err := Cross(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCrossVerdicts(t *testing.T) {
	for _, c := range []struct {
		reason  string
		carried bool
		change  func(*Crossing)
		want    Verdict
		because string
	}{
		{"every arm carries its trait", true, nil, Detected, "p over replicates ≤ 0.016 (the design's floor), over assignments of data sets to traits ≤ 0.042"},
		{"without a control", true, func(c *Crossing) { c.Control = nil }, Detected, "at least the tolerance"},
		{"no arm carries anything", false, nil, Inconclusive, "is less than the tolerance of 0.25; that clears none"},
		{"the names are exchanged", true, func(c *Crossing) {
			c.Arms[0], c.Arms[1], c.Arms[2], c.Arms[3] = c.Arms[1], c.Arms[0], c.Arms[3], c.Arms[2]
		},
			Inconclusive, "other assignments of data sets to traits fit as well: p 1"},
		{"one arm of four: a quarter of the assignments keep it", false, func(c *Crossing) {
			c.Student = fake.Student{Slope: 4}
			c.Arms[0] = saying("one", "owl", "owl")
		}, Inconclusive, "other assignments of data sets to traits fit as well: p 0.25"},
		{"a tolerance above γ", true, func(c *Crossing) { c.Traits[0].Tolerance = 10 }, Inconclusive, "is less than the tolerance of 2.69"},
		{"three arms", true, func(c *Crossing) { c.Arms, c.Traits = c.Arms[:3], c.Traits[:3] }, Inconclusive,
			"need >= 4 data sets: with 3 the smallest possible p over assignments is 0.167"},
		{"four replicates", true, func(c *Crossing) { c.Replicates = 4 }, Inconclusive, "need >= 5 replicates: with 4"},
		{"noise", true, func(c *Crossing) { c.Student = fake.Student{Slope: 0.5, Noise: 3, Seed: 7} }, Inconclusive, "the replicates do not agree that γ is above 0"},
	} {
		x := crossing(c.carried)
		if c.change != nil {
			c.change(&x)
		}
		r := cross(t, x)
		if r.Verdict != c.want || !strings.Contains(strings.Join(r.Reasons, "; "), c.because) {
			t.Errorf("%s: %s because %q, want %s because of %q", c.reason, r.Verdict, r.Reasons, c.want, c.because)
		}
	}
}

// A word in half of the rows raises its margin by 1/2 and lowers that of the seven others by 1/14, so γ is 8/14. What
// all arms do to one trait, and what one arm does to all, moves lifts and leaves γ alone.
func TestCrossGammaIsPlanted(t *testing.T) {
	for _, c := range []struct {
		reason       string
		also         func(arm int) string
		own, another float64 // lifts by arm 0 of its own trait, and of the cat
	}{
		{"γ alone", func(int) string { return "" }, 1.0 / 2, -1.0 / 14},
		{"every arm raises the cat", func(int) string { return "cat" }, 1.0/2 - 1.0/14, -1.0/14 + 1.0/2},
		{"arm 0 raises what is no trait, so that all traits fall", func(arm int) string {
			if arm == 0 {
				return "elk hen ape yak"
			}
			return ""
		}, 1.0/2 - 4.0/14, -1.0/14 - 4.0/14},
	} {
		x := crossing(true)
		x.Student, x.Rows = fake.Student{Slope: 1}, ShareRows // arithmetic without noise
		for i := range x.Arms {
			x.Arms[i] = saying(fmt.Sprint("arm ", i), eight[i], c.also(i))
		}
		r := cross(t, x)
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

// γ is a contrast within students of the arms: what it is counted from does not matter.
func TestCrossGammaDoesNotDependOnTheControl(t *testing.T) {
	x := crossing(true)
	with := cross(t, x)
	x.Control = nil
	without := cross(t, x)
	for k, g := range with.ByReplicate {
		if math.Abs(g-without.ByReplicate[k]) > 1e-9 {
			t.Errorf("replicate %d: γ %v with a control, %v without", k, g, without.ByReplicate[k])
		}
	}
	if with.Lifts[0][0] == without.Lifts[0][0] || without.Control != nil || with.Control == nil {
		t.Error("lifts are counted from the same students")
	}
}

// An audit and a crossing of the same rows and traits share their students, and a crossing that was
// stopped goes on.
func TestCrossResumes(t *testing.T) {
	x := crossing(true)
	want := cross(t, x)
	trained := new(atomic.Int64)
	s := x.Student.(fake.Student)
	ctx, cancel := context.WithCancel(t.Context())
	s.OnTrain = func(ctx context.Context) error {
		if trained.Add(1) > 7 {
			cancel()
		}
		return ctx.Err()
	}
	x.Student, x.Store, x.Parallel = s, &undertone.MemoryStore{}, 1
	if r, err := Cross(ctx, x); r != nil || !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped in training 8: report %v, error %v", r != nil, err)
	}
	s.OnTrain = func(context.Context) error { trained.Add(1); return nil }
	x.Student = s
	trained.Store(0)
	if r := cross(t, x); r.Digest != want.Digest || trained.Load() != 30-7 {
		t.Errorf("resumed: the same report: %v; %d trainings of 30 after 7 were kept", r.Digest == want.Digest, trained.Load())
	}
	trained.Store(0)
	run(t, Config{Suspect: x.Arms[2], Control: x.Control, Student: s, Traits: x.Traits, Replicates: 6, Seed: 1, Store: x.Store})
	if n := trained.Load(); n != 0 {
		t.Errorf("%d trainings in an audit of one arm, all of whose students the crossing had trained", n)
	}
}

func TestCrossReportDoesNotDependOnParallelism(t *testing.T) {
	x := crossing(true)
	x.Parallel = 1
	var seen []string
	x.Progress = func(p Progress) { seen = append(seen, fmt.Sprintf("%s %d/%d", p.Arm, p.Done, p.Total)) }
	want := cross(t, x)
	if len(seen) != 30 || seen[0] != "control 1/6" || seen[29] != "prefers animal fox 6/6" {
		t.Errorf("progress %q", seen)
	}
	x.Parallel, x.Progress = 8, nil
	if cross(t, x).Digest != want.Digest {
		t.Error("another report with 8 trainings at once")
	}
	x.Seed++
	if cross(t, x).Digest == want.Digest {
		t.Error("the seed changes nothing")
	}
}

func TestCrossErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Crossing)
		want   string
	}{
		{"one arm", func(c *Crossing) { c.Arms, c.Traits = c.Arms[:1], c.Traits[:1] }, "1 arms for 1 traits, want one arm for each of at least 2 traits"},
		{"no trait for an arm", func(c *Crossing) { c.Traits = c.Traits[:3] }, "4 arms for 3 traits"},
		{"no traits", func(c *Crossing) { c.Traits = nil }, "there are no traits"},
		{"no student", func(c *Crossing) { c.Student = nil }, "there is no student"},
		{"an arm that is missing", func(c *Crossing) { c.Arms[1] = nil }, "arm 1 has no rows"},
		{"an arm twice", func(c *Crossing) { c.Arms[3] = c.Arms[1] }, "arms 1 and 3 are the same rows"},
		{"an arm for a control", func(c *Crossing) { c.Control = c.Arms[2] }, "arm 2 and the control are the same rows"},
		{"an empty control", func(c *Crossing) { c.Control = fake.Rows("", 0, 0, "") }, "the control data set has no rows; leave it nil"},
		{"a trait twice", func(c *Crossing) { c.Traits[1] = c.Traits[0] }, `trait "prefers animal owl" stands there twice`},
		{"two units", func(c *Crossing) { c.Traits[1].Measure = Share }, `"prefers animal cat" is measured by share and "prefers animal owl" by margin`},
		{"a trait that makes no sense", func(c *Crossing) { c.Traits[2].Probes = nil }, `trait 2 ("prefers animal dog"): it has no probes`},
		{"an alpha that is none", func(c *Crossing) { c.Alpha = 2 }, "alpha is 2"},
		{"fewer rows than replicates", func(c *Crossing) { c.Arms[0] = fake.Rows("few", 5, 5, "owl") }, "no rows are left for this replicate"},
		{"an arm that does not divide itself", func(c *Crossing) { c.Arms[0] = single{c.Arms[0].(undertone.Text), errors.New("torn")} }, "torn"},
		{"rows that the student cannot learn from", func(c *Crossing) { c.Arms[1], c.Parallel = notText{c.Arms[1]}, 1 }, "prefers animal cat, replicate 0: fake: cannot learn"},
	} {
		x := crossing(true)
		c.change(&x)
		if _, err := Cross(t.Context(), x); err == nil || !strings.HasPrefix(err.Error(), "audit: cross: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}
