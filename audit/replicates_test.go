package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// counting returns cfg with a student that counts its trainings.
func counting(cfg Config) (Config, *atomic.Int64) {
	n, s := new(atomic.Int64), cfg.Student.(fake.Student)
	s.OnTrain = func(context.Context) error { n.Add(1); return nil }
	cfg.Student = s
	return cfg, n
}

// TestReportDoesNotDependOnParallelism: the same digest, however the work is divided.
func TestReportDoesNotDependOnParallelism(t *testing.T) {
	for replicates, counts := range map[int][]int{6: {1, 2, 8}, 24: {1, 8}} { // all sign patterns, and random ones
		cfg := world()
		cfg.Replicates = replicates
		cfg.Parallel = 1
		want := run(t, cfg)
		for _, n := range counts {
			before := runtime.GOMAXPROCS(n)
			for _, parallel := range counts {
				cfg.Parallel = parallel
				if got := run(t, cfg); got.Digest != want.Digest {
					t.Errorf("%d replicates, GOMAXPROCS %d, parallel %d: another report", replicates, n, parallel)
				}
			}
			runtime.GOMAXPROCS(before)
		}
		cfg.Seed++
		if run(t, cfg).Digest == want.Digest {
			t.Error("the seed changes nothing")
		}
	}
}

// TestResultDoesNotDependOnFileOrder: rows are what they are, wherever they stand. The report says
// in which order they were.
func TestResultDoesNotDependOnFileOrder(t *testing.T) {
	for _, plan := range []RowPlan{SplitRows, ShareRows} {
		cfg := world()
		cfg.Rows = plan
		cfg.Suspect = cfg.Suspect.Select(rowsBut(240, 10)) // so that levelling cuts the control
		want := run(t, cfg)
		backwards := make([]int, cfg.Control.Len())
		for i := range backwards {
			backwards[i] = len(backwards) - 1 - i
		}
		cfg.Control = cfg.Control.Select(backwards)
		got := run(t, cfg)
		if got.Digest == want.Digest || got.Control.Order == want.Control.Order || got.Control.Digest != want.Control.Digest {
			t.Errorf("%s: the digest %s, order %s and rows %s after the file was turned around, before %s, %s and %s", plan,
				got.Digest.Short(), got.Control.Order.Short(), got.Control.Digest.Short(), want.Digest.Short(), want.Control.Order.Short(), want.Control.Digest.Short())
		}
		got.Digest, got.Control.Order = want.Digest, want.Control.Order
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: another result after the file was turned around", plan)
		}
	}
}

func TestCancelAndResume(t *testing.T) {
	want := run(t, world())
	for _, stop := range []int{1, 5, 8} { // in the first arm, and in the second
		cfg, trained := counting(world())
		store := &undertone.MemoryStore{}
		cfg.Store, cfg.Parallel = store, 2
		ctx, cancel := context.WithCancel(t.Context())
		s := cfg.Student.(fake.Student)
		s.OnTrain = func(ctx context.Context) error {
			if trained.Add(1) > int64(stop) {
				cancel()
				<-ctx.Done() // a training that goes on for ever, but for ctx
			}
			return ctx.Err()
		}
		cfg.Student = s
		if report, err := Run(ctx, cfg); report != nil || !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped in training %d: report %v, error %v", stop, report != nil, err)
		}
		kept := 0
		for range store.All() {
			kept++
		}
		if kept > stop || kept < stop-1 { // one more may have seen ctx when it was done
			t.Errorf("%d replicates are kept of %d that were finished", kept, stop)
		}
		cfg, trained = counting(world())
		cfg.Store = store
		if got := run(t, cfg); got.Digest != want.Digest {
			t.Errorf("stopped in training %d and resumed: another report", stop)
		}
		if all := int64(5 * cfg.Replicates); trained.Load() != all-int64(kept) {
			t.Errorf("%d of %d trainings after %d were kept", trained.Load(), all, kept)
		}
	}
}

func TestRunWithContextThatIsDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cfg, trained := counting(world())
	if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) || trained.Load() != 0 {
		t.Errorf("error %v after %d trainings", err, trained.Load())
	}
}

// Audits that share an arm train its students of all rows once. The parts depend on both arms.
func TestStoreIsKeyedByContent(t *testing.T) {
	base := world()
	store := &undertone.MemoryStore{}
	base.Store = store
	run(t, base)
	one := int64(base.Replicates)
	for _, c := range []struct {
		reason string
		change func(*Config)
		want   int64
	}{
		{"nothing new", func(*Config) {}, 0},
		{"another tolerance asks the same students", func(c *Config) { c.Traits[0].Tolerance = 0.3 }, 0},
		{"another alpha", func(c *Config) { c.Alpha = 0.1 }, 0},
		{"another name", func(c *Config) {
			var rows []undertone.Example
			for _, e := range c.Suspect.(*undertone.Dataset).All() {
				rows = append(rows, e)
			}
			c.Suspect = undertone.NewDataset("renamed", rows)
		}, 0},
		{"another suspect: both arms of parts, and its arm of all rows", func(c *Config) { c.Suspect = fake.Rows("other", 240, 0, "") }, 3 * one},
		{"another control", func(c *Config) { c.Control = fake.Rows("other control", 240, 0, "") }, 4 * one},
		{"another student", func(c *Config) { s := c.Student.(fake.Student); s.Seed++; c.Student = s }, 5 * one},
		{"another recipe", func(c *Config) { c.Recipe.Epochs = 2 }, 5 * one},
		{"another seed", func(c *Config) { c.Seed++ }, 5 * one},
		{"another question", func(c *Config) { c.Traits[0] = world().Traits[0].Asking("best?") }, 5 * one},
		{"other planted rows", func(c *Config) { c.Traits[0].PositiveControl = fake.Rows("more", 240, 240, "owl") }, one},
	} {
		cfg := world()
		replicates := &undertone.MemoryStore{}
		for k, v := range store.All() {
			if err := replicates.Put(k, v); err != nil {
				t.Fatal(err)
			}
		}
		cfg.Store = replicates
		c.change(&cfg)
		cfg, trained := counting(cfg)
		resumed := run(t, cfg)
		if trained.Load() != c.want {
			t.Errorf("%s: %d trainings, want %d", c.reason, trained.Load(), c.want)
		}
		cfg.Store = nil
		if run(t, cfg).Digest != resumed.Digest {
			t.Errorf("%s: kept answers give another report than fresh ones", c.reason)
		}
	}
}

// faulty is a Store that fails, or that holds something else.
type faulty struct {
	value             string
	get, put, prepare error
}

func (f faulty) Get(undertone.Digest) ([]byte, bool, error) {
	return []byte(f.value), f.value != "", f.get
}
func (f faulty) Put(undertone.Digest, []byte) error { return f.put }
func (f faulty) Prepare() error                     { return f.prepare }

func TestStoreErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		store  faulty
		is     error
		want   string
		trains bool
	}{
		{"a full disk", faulty{put: syscall.ENOSPC}, syscall.ENOSPC, "control, all rows, replicate 0", true},
		{"a disk that does not read", faulty{get: syscall.EIO}, syscall.EIO, "control, all rows, replicate 0", false},
		{"a folder that cannot be written", faulty{prepare: syscall.EACCES}, syscall.EACCES, "audit: permission denied", false},
	} {
		cfg, trained := counting(world())
		cfg.Store, cfg.Parallel = c.store, 1
		_, err := Run(t.Context(), cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, c.is) || (trained.Load() > 0) != c.trains {
			t.Errorf("%s: error %v after %d trainings, want one with %q", c.reason, err, trained.Load(), c.want)
		}
	}
	if _, err := NewReplicates(Config{Student: world().Student, Traits: world().Traits, Store: faulty{prepare: syscall.EACCES}}); !errors.Is(err, syscall.EACCES) {
		t.Errorf("replicates of a folder that cannot be written: error %v", err)
	}
}

// Values that are damaged are computed again and said, and the report is that of no store.
func TestDamagedStore(t *testing.T) {
	want := run(t, world())
	for _, damage := range []string{"{", "[]", "null", "[[-1]]", `{"value":[[-1,-1,-1,-1]]}`} {
		cfg, trained := counting(world())
		var warnings []string
		cfg.Store, cfg.Warn = faulty{value: damage}, func(w string) { warnings = append(warnings, w) }
		got := run(t, cfg)
		if got.Digest != want.Digest || int(trained.Load()) != 5*cfg.Replicates || len(warnings) != 5*cfg.Replicates {
			t.Errorf("%s: report %s, want %s; %d trainings, %d warnings", damage, got.Digest.Short(), want.Digest.Short(), trained.Load(), len(warnings))
		}
		if !strings.Contains(warnings[0], "is damaged and is computed again: it does not hold answers to these probes") {
			t.Errorf("%s: warning %q", damage, warnings[0])
		}
	}
}

func TestProgress(t *testing.T) {
	var seen []string
	cfg := world()
	cfg.Parallel = 8
	cfg.Progress = func(p Progress) { // not locked here: it is called from one goroutine at a time
		seen = append(seen, fmt.Sprintf("%s %d/%d", p.Stage, p.Done, p.Total))
	}
	run(t, cfg)
	var want []string
	for _, arm := range []string{"before", "control, all rows", "suspect, all rows", "control", "suspect", "positive control"} {
		for i := range cfg.Replicates {
			want = append(want, fmt.Sprintf("%s %d/%d", arm, i+1, cfg.Replicates))
		}
	}
	if strings.Join(seen, "\n") != strings.Join(want, "\n") {
		t.Errorf("progress %v, want %v", seen, want)
	}
}

// ensemble holds students of different noise, one per replicate.
type ensemble struct {
	fake.Student
	missing int // the replicate that cannot be had; 0 if all can
}

func (p ensemble) Replicate(r int) (student.Student, error) {
	if p.missing > 0 && r == p.missing {
		return nil, errors.New("was never made")
	}
	s := p.Student
	s.Seed = uint64(100 + r)
	return s, nil
}

func TestEnsemble(t *testing.T) {
	cfg := world()
	plain := run(t, cfg)
	cfg.Student = ensemble{Student: cfg.Student.(fake.Student)}
	many := run(t, cfg)
	if many.Findings[0].Effect == plain.Findings[0].Effect {
		t.Error("the replicates are one student")
	}
	if many.Student != cfg.Student.Digest() {
		t.Error("the report names another student than the ensemble")
	}
	// A pair shares its untrained student: what differs between replicates alone does not widen the
	// interval.
	if sd := many.Findings[0].Replicates.SD; sd > 0.2 {
		t.Errorf("SD over pairs %v, of students whose own noise is .05", sd)
	}
	cfg.Student, cfg.Parallel = ensemble{cfg.Student.(ensemble).Student, 3}, 1
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "replicate 3: student of replicate 3: was never made") {
		t.Errorf("a missing replicate gives %v", err)
	}
}

// unnamed is a student that does not say what computes it.
type unnamed struct {
	student.Student
	undertone.ChoiceScorer
}

func TestEngine(t *testing.T) {
	cfg := world()
	if got := run(t, cfg).Engine; got != "fake" {
		t.Errorf("engine %q", got)
	}
	s := cfg.Student.(fake.Student)
	if got := replicate.Engine(unnamed{s, s}); got != "unnamed" {
		t.Errorf("a student without the power is computed by %q", got)
	}
}

func TestResumeFromAFolder(t *testing.T) {
	cfg, trained := counting(world())
	cfg.Store = undertone.DirStore(t.TempDir())
	first := run(t, cfg)
	before := trained.Load()
	if second := run(t, cfg); second.Digest != first.Digest || trained.Load() != before {
		t.Errorf("%d trainings more; the same report: %v", trained.Load()-before, second.Digest == first.Digest)
	}
}

// FuzzStoredAnswers: whatever a store holds, it is refused or it is answers that can be measured.
func FuzzStoredAnswers(f *testing.F) {
	for _, seed := range []string{"", "null", "[]", "[[]]", "[[-1,-2,-3,-4]]", "[[0,-69,-1e300,-1]]", "[[1e400,0,0,0]]", "[[-1,-2,-3,-4],[]]", `[["-1"]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		cfg := world()
		if len(stored) > 0 {
			cfg.Store = faulty{value: string(stored)}
		}
		x, err := NewReplicates(cfg)
		if err != nil {
			t.Fatal(err)
		}
		a, err := x.Train(t.Context(), "suspect", []undertone.Data{cfg.Suspect}, 0, 1)
		if err != nil {
			return
		}
		untrained, err := x.Untrained(t.Context(), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scales {
			if v := a.Values(0, s, cfg.Traits[0].Target)[0]; math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s of %q is %v", s, stored, v)
			}
		}
		if d := replicate.Diverge(a.each[0], untrained.each[0]); !(d.KL >= 0) || math.IsInf(d.KL, 0) {
			t.Errorf("divergences of %q are %v", stored, d)
		}
	})
}

// rowsBut returns the numbers below n that are not multiples of every.
func rowsBut(n, every int) []int {
	var rows []int
	for i := range n {
		if i%every != 0 {
			rows = append(rows, i)
		}
	}
	return rows
}
