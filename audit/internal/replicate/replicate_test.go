package replicate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/student"
)

// least is the smallest answer that a probe of the tests passes on.
const least = 100

// probe returns a probe whose answers come from ask.
func probe(name string, ask func(student.Student) ([]float64, error)) Probe {
	return Probe{
		Digest: undertone.NewHasher("test probe").Text(name).Sum(),
		Ask:    func(_ context.Context, s student.Student) ([]float64, error) { return ask(s) },
		Check: func(logs []float64) ([]float64, error) {
			if len(logs) != 1 {
				return nil, fmt.Errorf("%s has %d answers, want 1", name, len(logs))
			}
			return []float64{max(logs[0], least)}, nil
		},
	}
}

// identity answers with a number that depends on the weights of the student.
func identity(s student.Student) ([]float64, error) {
	return []float64{float64(s.Digest().Uint64() >> 40)}, nil
}

// runner returns a runner of the student of package fake and counts its trainings.
func runner() (*Runner, *atomic.Int64) {
	trained := new(atomic.Int64)
	s := fake.Student{Slope: 1, OnTrain: func(ctx context.Context) error { trained.Add(1); return ctx.Err() }}
	return &Runner{
		Student: s, Parallel: 1, Seed: 1, Probes: []Probe{probe("identity", identity)},
		Done: func(string, int, int) {},
	}, trained
}

func parts(n int) []undertone.Data {
	all := make([]undertone.Data, n)
	for r := range all {
		all[r] = answered(fmt.Sprint("part ", r), 3, 1)
	}
	return all
}

func train(t *testing.T, x *Runner, parts []undertone.Data, from, to int) []Answers {
	t.Helper()
	a, err := x.Train(t.Context(), "suspect", parts, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func same(a, b []Answers) bool {
	return slices.EqualFunc(a, b, func(a, b Answers) bool { return slices.EqualFunc(a, b, slices.Equal) })
}

// Replicates are in their order, however many are trained at once, and all of them differ.
func TestTrain(t *testing.T) {
	x, trained := runner()
	want := train(t, x, parts(5), 0, 5)
	for r := range want {
		for other := range r {
			if want[r][0][0] == want[other][0][0] {
				t.Errorf("replicates %d and %d are the same student", other, r)
			}
		}
	}
	x.Parallel = 4
	if got := train(t, x, parts(5), 0, 5); !same(got, want) {
		t.Errorf("4 at once: %v, want %v", got, want)
	}
	if got := train(t, x, parts(5), 2, 4); !same(got, want[2:4]) || trained.Load() != 12 {
		t.Errorf("replicates 2 and 3: %v, want %v; %d trainings in all, want 12", got, want[2:4], trained.Load())
	}
	x.Recipe.Seed = 9
	if got := train(t, x, parts(5), 0, 5); !same(got, want) {
		t.Error("the seed of the recipe is used")
	}
	x.Seed = 2
	if got := train(t, x, parts(5), 0, 5); same(got, want) {
		t.Error("the seed of the order is not used")
	}
}

func TestUntrainedStudentsAreAsked(t *testing.T) {
	x, trained := runner()
	var done []string
	x.Done = func(arm string, finished, total int) {
		done = append(done, fmt.Sprint(arm, " ", finished, " of ", total))
	}
	x.Probes = append(x.Probes, probe("low", func(student.Student) ([]float64, error) { return []float64{7}, nil }))
	got, err := x.AskUntrained(t.Context(), 3, 5, 7)
	logs, _ := identity(x.Student)
	want := Answers{logs, {least}} // as Check returns them
	if err != nil || !same(got, []Answers{want, want}) || trained.Load() != 0 {
		t.Errorf("error %v, answers %v, want %v twice; %d trainings", err, got, want, trained.Load())
	}
	if !slices.Equal(done, []string{"before 4 of 7", "before 5 of 7"}) {
		t.Errorf("progress %q", done)
	}
}

// A finished replicate is stored under everything that its answers depend on.
func TestAnswersAreStored(t *testing.T) {
	x, trained := runner()
	store := new(undertone.MemoryStore)
	x.Cache.Store = store
	want := train(t, x, parts(2), 0, 2)
	if got := train(t, x, parts(2), 0, 2); !same(got, want) || trained.Load() != 2 {
		t.Errorf("stored answers %v, want %v; %d trainings, want 2", got, want, trained.Load())
	}
	for reason, change := range map[string]func(*Runner){
		"another student":     func(x *Runner) { s := x.Student.(fake.Student); s.Slope = 2; x.Student = s },
		"another recipe":      func(x *Runner) { x.Recipe.Epochs = 7 },
		"another seed":        func(x *Runner) { x.Seed = 2 },
		"another probe":       func(x *Runner) { x.Probes = []Probe{probe("other", identity)} },
		"one more probe":      func(x *Runner) { x.Probes = append(x.Probes[:1:1], probe("other", identity)) },
		"no difference":       func(*Runner) {},
		"another parallelism": func(x *Runner) { x.Parallel = 2 },
	} {
		y := *x
		change(&y)
		before, again := trained.Load(), reason == "no difference" || reason == "another parallelism"
		train(t, &y, parts(2), 0, 2)
		if stored := trained.Load() == before; stored != again {
			t.Errorf("%s: stored answers were used: %v, want %v", reason, stored, again)
		}
	}
	keys := len(maps.Collect(store.All()))
	train(t, x, []undertone.Data{answered("other", 3, 1), parts(2)[1]}, 0, 2)
	if more := len(maps.Collect(store.All())) - keys; more != 1 {
		t.Errorf("other rows for one replicate store %d values more, want 1", more)
	}
}

func TestDamagedAnswers(t *testing.T) {
	x, trained := runner()
	store := new(undertone.MemoryStore)
	var warnings []string
	x.Cache = cache.Cache{Store: store, Warn: func(w string) { warnings = append(warnings, w) }}
	want := train(t, x, parts(1), 0, 1)
	recipe := x.Recipe
	recipe.Seed = undertone.NewHasher("order").Uint(x.Seed).Uint(0).Sum().Uint64()
	key := x.key(x.Student, parts(1)[0], recipe)
	for value, reason := range map[string]string{
		"[]": "answers to 0 probes, want 1", "[[1],[2]]": "answers to 2 probes, want 1", "[[1,2]]": "identity has 2 answers, want 1",
	} {
		stored, err := cache.Wrap(key, "answers to these probes", []byte(value))
		if err == nil {
			err = store.Put(cache.StoreKey(key), stored)
		}
		if err != nil {
			t.Fatal(err)
		}
		warnings = nil
		before := trained.Load()
		if got := train(t, x, parts(1), 0, 1); !reflect.DeepEqual(got, want) || trained.Load() != before+1 {
			t.Errorf("%s: answers %v after %d more trainings, want %v after one", value, got, trained.Load()-before, want)
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0], reason) {
			t.Errorf("%s: warnings %q, want one with %q", value, warnings, reason)
		}
	}
}

// ensemble is a student with other weights for each replicate. Replicate 3 fails.
type ensemble struct{ fake.Student }

var errReplicate = errors.New("out of weights")

func (e ensemble) Replicate(r int) (student.Student, error) {
	if r == 3 {
		return nil, errReplicate
	}
	s := e.Student
	s.Seed = uint64(r)
	return s, nil
}

func TestEnsemble(t *testing.T) {
	x, _ := runner()
	x.Student = ensemble{}
	a, err := x.AskUntrained(t.Context(), 0, 2, 2)
	if err != nil || a[0][0][0] == a[1][0][0] {
		t.Errorf("error %v, answers %v, want those of two students", err, a)
	}
	want := "suspect, replicate 3: student of replicate 3: out of weights"
	if _, err := x.Train(t.Context(), "suspect", parts(5), 0, 5); !errors.Is(err, errReplicate) || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestTrainErrors(t *testing.T) {
	failed := errors.New("failed")
	for reason, c := range map[string]struct {
		change func(*Runner)
		want   string
	}{
		"training fails": {func(x *Runner) {
			s := x.Student.(fake.Student)
			s.OnTrain = func(context.Context) error { return failed }
			x.Student = s
		}, "suspect, replicate 0: failed"},
		"a probe fails": {func(x *Runner) {
			x.Probes = []Probe{probe("p", func(student.Student) ([]float64, error) { return nil, failed })}
		}, "suspect, replicate 0: failed"},
		"an answer is refused": {func(x *Runner) {
			x.Probes = []Probe{probe("p", func(student.Student) ([]float64, error) { return []float64{1, 2}, nil })}
		}, "suspect, replicate 0: p has 2 answers, want 1"},
	} {
		x, _ := runner()
		x.Cache.Store = new(undertone.MemoryStore)
		c.change(x)
		if _, err := x.Train(t.Context(), "suspect", parts(3), 0, 3); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
		for range x.Cache.Store.(*undertone.MemoryStore).All() {
			t.Errorf("%s: answers are stored", reason)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	x, trained := runner()
	x.Done = func(_ string, finished, _ int) {
		if finished == 2 {
			cancel()
		}
	}
	if _, err := x.Train(ctx, "suspect", parts(9), 0, 9); !errors.Is(err, context.Canceled) || trained.Load() > 3 {
		t.Errorf("canceled after 2 replicates: error %v after %d trainings", err, trained.Load())
	}
}

// unnamed is a student that names no engine.
type unnamed struct{ student.Student }

func TestEngine(t *testing.T) {
	if e := Engine(fake.Student{}); e != "fake" {
		t.Errorf("engine %q", e)
	}
	if e := Engine(unnamed{fake.Student{}}); e != "unnamed" {
		t.Errorf("engine %q", e)
	}
}
