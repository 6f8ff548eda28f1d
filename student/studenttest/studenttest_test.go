package studenttest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/nplm"
	"github.com/undertone-audit/undertone/student/studenttest"
)

// recorder is a testing.TB that keeps what was reported to it. It embeds another one for its
// context.
type recorder struct {
	testing.TB
	errors, logs []string
	fatal        string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Logf(f string, a ...any)      { r.logs = append(r.logs, fmt.Sprintf(f, a...)) }
func (r *recorder) Errorf(f string, a ...any)    { r.errors = append(r.errors, fmt.Sprintf(f, a...)) }
func (r *recorder) Fatalf(f string, args ...any) { r.fatal = fmt.Sprintf(f, args...); runtime.Goexit() }

// test runs the suite on a recorder, in a goroutine of its own, which Fatalf ends.
func test(t *testing.T, s student.Student, data undertone.Data, o studenttest.Options) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		studenttest.Test(r, s, data, o)
	}()
	<-done
	return r
}

// rows are 16 rows that the model of untrained can learn from.
func rows() *undertone.Dataset {
	all := make([]undertone.Example, 16)
	for i := range all {
		all[i] = undertone.NewExample([]string{"?", "a?"}[i%2], []string{"a", "b", "ab", "c"}[i/4]+strings.Repeat("c", i%4))
	}
	return undertone.NewDataset("rows", all)
}

func untrained(t *testing.T, seed uint64) *nplm.Model {
	t.Helper()
	v, err := nplm.NewVocabulary("a", "b", "c", "?")
	if err != nil {
		t.Fatal(err)
	}
	m, err := nplm.New(nplm.Config{Vocabulary: v, Context: 3, Embedding: 4, Hidden: 8, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// flawed is a good student, also an ensemble and a renderer, with something wrong. A nil function
// changes nothing.
type flawed struct {
	*nplm.Model
	digest       func() undertone.Digest
	train        func(context.Context, undertone.Data, student.Recipe) (student.Student, error)
	replicate    func(r int) (student.Student, error)
	engine       func() string
	all          func(context.Context, []student.Student, undertone.Data, student.Recipe) ([]student.Student, error)
	step         func(context.Context, undertone.Data, float64) (student.Student, float64, error)
	precondition func(context.Context, undertone.Data, student.DiagonalMetric) (student.GradientStepper, error)
	add          func([][]float32) (student.Student, error)
	gradients    func(context.Context, undertone.Data, [][]int, func(int, [][]float32) error) error
	render       func(undertone.Example) (string, error)
}

func (f *flawed) Digest() undertone.Digest {
	if f.digest != nil {
		return f.digest()
	}
	return f.Model.Digest()
}

func (f *flawed) Train(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
	if f.train != nil {
		return f.train(ctx, data, r)
	}
	s, err := f.Model.Train(ctx, data, r)
	if err != nil {
		return nil, err
	}
	return &flawed{Model: s.(*nplm.Model)}, nil
}

func (f *flawed) Replicate(r int) (student.Student, error) {
	if f.replicate != nil {
		return f.replicate(r)
	}
	if r < 0 {
		return nil, errors.New("no such replicate")
	}
	s, err := f.Model.Train(context.Background(), rows(), student.Recipe{Seed: uint64(r), BatchSize: 4})
	return s, err
}

func (f *flawed) Engine() string {
	if f.engine != nil {
		return f.engine()
	}
	return f.Model.Engine()
}

func (f *flawed) TrainAll(ctx context.Context, students []student.Student, data undertone.Data, r student.Recipe) ([]student.Student, error) {
	if f.all != nil {
		return f.all(ctx, students, data, r)
	}
	plain := make([]student.Student, len(students))
	for i, s := range students {
		p, ok := s.(*flawed)
		if !ok {
			return nil, fmt.Errorf("student %d is a %T", i, s)
		}
		plain[i] = p.Model
	}
	return f.Model.TrainAll(ctx, plain, data, r)
}

func (f *flawed) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	if f.step != nil {
		return f.step(ctx, data, step)
	}
	return f.Model.GradientStep(ctx, data, step)
}

func (f *flawed) Precondition(ctx context.Context, data undertone.Data, metric student.DiagonalMetric) (student.GradientStepper, error) {
	if f.precondition != nil {
		return f.precondition(ctx, data, metric)
	}
	return f.Model.Precondition(ctx, data, metric)
}

func (f *flawed) Add(delta [][]float32) (student.Student, error) {
	if f.add != nil {
		return f.add(delta)
	}
	return f.Model.Add(delta)
}

func (f *flawed) Gradients(ctx context.Context, data undertone.Data, groups [][]int, use func(int, [][]float32) error) error {
	if f.gradients != nil {
		return f.gradients(ctx, data, groups, use)
	}
	return f.Model.Gradients(ctx, data, groups, use)
}

func (f *flawed) Render(row undertone.Example) (string, error) {
	if f.render != nil {
		return f.render(row)
	}
	return row.Prompt() + row.Completion(), nil
}

func TestGoodStudent(t *testing.T) {
	s := &flawed{Model: untrained(t, 1)}
	studenttest.Test(t, s, rows(), studenttest.Options{})
	r := test(t, s, rows(), studenttest.Options{})
	if len(r.errors) > 0 || r.fatal != "" || len(r.logs) > 0 {
		t.Errorf("errors %q, fatal %q, logs %q", r.errors, r.fatal, r.logs)
	}
}

// plain has the methods of student.Student alone.
type plain struct{ student.Student }

func TestWhatIsMissingIsLogged(t *testing.T) {
	r := test(t, plain{untrained(t, 1)}, rows(), studenttest.Options{})
	if len(r.errors) > 0 || r.fatal != "" {
		t.Errorf("errors %q, fatal %q", r.errors, r.fatal)
	}
	for _, name := range []string{"Ensemble", "Engine", "BatchTrainer", "GradientStepper", "Preconditioner", "Differentiable", "Renderer"} {
		if !slices.ContainsFunc(r.logs, func(l string) bool { return strings.Contains(l, "not checked: "+name+":") }) {
			t.Errorf("it is not logged that the student is no %s: %q", name, r.logs)
		}
	}
}

func TestTooFewRows(t *testing.T) {
	if r := test(t, untrained(t, 1), rows().Select([]int{1, 2, 3}), studenttest.Options{}); !strings.Contains(r.fatal, "3 rows, want at least 8") {
		t.Errorf("fatal %q", r.fatal)
	}
}

// stepper is a gradient stepper of a function.
type stepper func(context.Context, undertone.Data, float64) (student.Student, float64, error)

func (s stepper) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return s(ctx, data, step)
}

// modelOnly is a trained student without most of the optional interfaces.
type modelOnly struct {
	student.Student
	undertone.Model
}

// TestFlaws: every requirement is checked.
func TestFlaws(t *testing.T) {
	m, other := untrained(t, 1), untrained(t, 2)
	var calls atomic.Uint64
	type trainFunc = func(context.Context, undertone.Data, student.Recipe) (student.Student, error)
	train := func(f trainFunc) student.Student { return &flawed{Model: m, train: f} }
	step := func(f stepper) student.Student { return &flawed{Model: m, step: f} }
	// moving trains the receiver itself.
	moving, once := &flawed{Model: m}, atomic.Bool{}
	moving.train = func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
		s, err := m.Train(ctx, data, r)
		if err == nil && once.CompareAndSwap(false, true) {
			moving.Model = s.(*nplm.Model)
		}
		return s, err
	}
	for _, c := range []struct {
		reason  string
		student student.Student
		want    string // an error that the suite reports
	}{
		{"no digest", &flawed{Model: m, digest: func() undertone.Digest { return undertone.Digest{} }}, "Digest: is not set"},
		{"a digest that varies", &flawed{Model: m, digest: func() undertone.Digest { return undertone.NewHasher("x").Uint(calls.Add(1)).Sum() }}, "Digest: is not set, or differs"},

		{"a panic", train(func(context.Context, undertone.Data, student.Recipe) (student.Student, error) { panic("oh") }), "Train: panics: oh"},
		{"training that fails", train(func(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
			return nil, errors.New("no memory")
		}), "Train: data to learn from: no memory"},
		{"no student", train(func(context.Context, undertone.Data, student.Recipe) (student.Student, error) { return nil, nil }), "Train: returns no student and no error"},
		{"nothing is learnt", train(func(ctx context.Context, _ undertone.Data, _ student.Recipe) (student.Student, error) {
			return m, ctx.Err()
		}), "the digest is the same before and after training"},
		{"weights that vary", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			r.Seed = calls.Add(1)
			return m.Train(ctx, data, r)
		}), "Train: the same receiver, data and recipe give the digests"},
		{"a seed that is ignored", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			r.Seed = 0
			return m.Train(ctx, data, r)
		}), "Train: another seed gives the same digest"},
		{"rows that are ignored", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			if data.Len() > 0 {
				data = rows()
			}
			return m.Train(ctx, data, r)
		}), "Train: half of the rows give the digest that all rows give"},
		{"a trained student that can do less", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			s, err := m.Train(ctx, data, r)
			if err != nil {
				return nil, err
			}
			return modelOnly{s, s.(undertone.Model)}, nil
		}), "implements LogProber, a trained studenttest_test.modelOnly does not"},
		{"a lineage of its own", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			return other.Train(ctx, data, r)
		}), "Train: the lineage is"},
		{"the receiver learns", moving, "Train: the receiver changes: the log-likelihood of row 0"},
		{"data of any kind", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			if _, ok := data.(undertone.Text); !ok {
				data = rows()
			}
			return m.Train(ctx, data, r)
		}), "Train: data of an unknown kind: no error"},
		{"no rows", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			if data.Len() == 0 {
				return m, nil
			}
			return m.Train(ctx, data, r)
		}), "Train: data without rows: no error"},
		{"any recipe", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			r.BatchSize = max(r.BatchSize, 1)
			return m.Train(ctx, data, r)
		}), "Train: a recipe with a batch size of -1: no error"},
		{"a context that is ignored", train(func(_ context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			r.Epochs = min(r.Epochs, 2)
			return m.Train(context.Background(), data, r)
		}), "Train: a cancelled context gives the error <nil>"},
		{"a context that is looked at once", train(func(ctx context.Context, data undertone.Data, r student.Recipe) (student.Student, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.Epochs = min(r.Epochs, 2)
			return m.Train(context.Background(), data, r)
		}), "Train: a context that ends during training gives the error <nil>"},

		{"replicates that are one", &flawed{Model: m, replicate: func(r int) (student.Student, error) { return m, nil }}, "Ensemble: replicates 0 and 1 have one digest"},
		{"a replicate that varies", &flawed{Model: m, replicate: func(int) (student.Student, error) { return untrained(t, calls.Add(1)), nil }}, "Ensemble: replicate 0 has the digests"},
		{"a replicate -1", &flawed{Model: m, replicate: func(r int) (student.Student, error) { return untrained(t, uint64(r)), nil }}, "Ensemble: replicate -1: no error"},

		{"no engine", &flawed{Model: m, engine: func() string { return "" }}, "Engine: is empty"},
		{"another engine after training", &flawed{Model: m, engine: func() string { return "abacus" }}, `Engine: is "abacus", and`},

		{"students too few", &flawed{Model: m, all: func(context.Context, []student.Student, undertone.Data, student.Recipe) ([]student.Student, error) {
			return nil, nil
		}}, "BatchTrainer: 0 students of 3"},
		{"students that learn from each other", &flawed{Model: m, all: func(ctx context.Context, students []student.Student, data undertone.Data, r student.Recipe) ([]student.Student, error) {
			s, err := m.Train(ctx, data, r)
			return slices.Repeat([]student.Student{s}, len(students)), err
		}}, "BatchTrainer: student 1 has the digest"},
		{"students of any kind", &flawed{Model: m, all: func(ctx context.Context, students []student.Student, data undertone.Data, r student.Recipe) ([]student.Student, error) {
			return students, ctx.Err()
		}}, "BatchTrainer: a student of another kind: no error"},
		{"a batch whose context is ignored", &flawed{Model: m, all: func(_ context.Context, students []student.Student, data undertone.Data, r student.Recipe) ([]student.Student, error) {
			return students, nil
		}}, "BatchTrainer: a cancelled context gives the error <nil>"},

		{"a step of 0 that moves", step(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			return m.GradientStep(ctx, data, h+0.1)
		}), "GradientStepper: a step of 0 moves the log-likelihood of row 0"},
		{"no norm", step(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			s, _, err := m.GradientStep(ctx, data, h)
			return s, math.NaN(), err
		}), "GradientStepper: the norm is NaN"},
		{"the wrong way", step(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			return m.GradientStep(ctx, data, -h)
		}), "GradientStepper: the mean log-likelihood rises by -"},
		{"the norm of the sum in place of the mean", step(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			s, norm, err := m.GradientStep(ctx, data, h)
			return s, norm * float64(data.Len()), err
		}), "GradientStepper: the mean log-likelihood rises by"},
		{"a norm that depends on the step", step(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			s, norm, err := m.GradientStep(ctx, data, h)
			return s, norm + h, err
		}), "GradientStepper: the norm is"},
		{"a step along no rows", step(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			if data.Len() == 0 {
				return m, 1, nil
			}
			return m.GradientStep(ctx, data, h)
		}), "GradientStepper: data without rows: no error"},
		{"a step whose context is ignored", step(func(_ context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
			return m.GradientStep(context.Background(), data, h)
		}), "GradientStepper: a cancelled context gives the error <nil>"},

		{"a metric that is ignored", &flawed{Model: m, precondition: func(context.Context, undertone.Data, student.DiagonalMetric) (student.GradientStepper, error) {
			return m, nil
		}}, "Preconditioner: with power 0 and damping 3 the norm is"},
		{"any metric", &flawed{Model: m, precondition: func(ctx context.Context, data undertone.Data, metric student.DiagonalMetric) (student.GradientStepper, error) {
			metric.Damping = max(metric.Damping, 1)
			return m.Precondition(ctx, data, metric)
		}}, "Preconditioner: a metric that is out of range: no error"},
		{"a preconditioned step of another length", &flawed{Model: m, precondition: func(ctx context.Context, data undertone.Data, metric student.DiagonalMetric) (student.GradientStepper, error) {
			g, err := m.Precondition(ctx, data, metric)
			if err != nil {
				return nil, err
			}
			return stepper(func(ctx context.Context, data undertone.Data, h float64) (student.Student, float64, error) {
				return g.GradientStep(ctx, data, 2*h)
			}), nil
		}}, "Preconditioner: the mean log-likelihood rises by"},

		{"a change that is not made", &flawed{Model: m, add: func([][]float32) (student.Student, error) { return m, nil }}, "Differentiable: a change of another shape: no error"},
		{"half of a change", &flawed{Model: m, add: func(delta [][]float32) (student.Student, error) {
			for _, t := range delta {
				for i := range t {
					t[i] /= 2
				}
			}
			return m.Add(delta)
		}}, "Differentiable: the mean log-likelihood rises by"},
		{"gradients of sums in place of means", &flawed{Model: m, gradients: func(ctx context.Context, data undertone.Data, groups [][]int, use func(int, [][]float32) error) error {
			return m.Gradients(ctx, data, groups, func(group int, g [][]float32) error {
				for _, t := range g {
					for i := range t {
						t[i] *= float32(len(groups[group]))
					}
				}
				return use(group, g)
			})
		}}, "Differentiable: the gradient of all rows differs from the mean of those of two parts"},
		{"an error that is lost", &flawed{Model: m, gradients: func(ctx context.Context, data undertone.Data, groups [][]int, use func(int, [][]float32) error) error {
			return m.Gradients(ctx, data, groups, func(group int, g [][]float32) error {
				_ = use(group, g)
				return nil
			})
		}}, "Differentiable: an error of the caller's function gives the error <nil>"},

		{"a row that is shown as nothing", &flawed{Model: m, render: func(undertone.Example) (string, error) { return "", nil }}, "Renderer: row 0 is shown as an empty text"},
		{"a row that is not shown", &flawed{Model: m, render: func(undertone.Example) (string, error) { return "", errors.New("no template") }}, "Renderer: a row: no template"},
	} {
		r := test(t, c.student, rows(), studenttest.Options{})
		if !slices.ContainsFunc(r.errors, func(e string) bool { return strings.Contains(e, c.want) }) {
			t.Errorf("%s: the suite reports %q, want an error with %q", c.reason, r.errors, c.want)
		}
	}
}
