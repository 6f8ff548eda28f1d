package external_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/studenttest"
)

// opener opens what a trainer left in this process, and counts the models that are open.
func opener(t *testing.T, open *int, fault error) func(context.Context, external.Result) (undertone.Model, func() error, error) {
	return func(_ context.Context, r external.Result) (undertone.Model, func() error, error) {
		if fault != nil {
			return nil, nil, fault
		}
		m, err := base(t).WithAdapter(r.Path)
		*open++
		return m, func() error { *open--; return nil }, err
	}
}

func TestServedConformance(t *testing.T) {
	dir := saved(t)
	s := untrained(t, external.Config{Command: command(t, "good"), BasePath: dir, Parallel: 2, Open: func(_ context.Context, r external.Result) (undertone.Model, func() error, error) {
		m, err := base(t).WithAdapter(r.Path)
		return m, nil, err
	}})
	studenttest.Test(t, s, rows(8), studenttest.Options{Recipe: student.Recipe{BatchSize: 4}})
}

// A served student is opened by the caller's function, and closed once.
func TestServed(t *testing.T) {
	ctx, open := t.Context(), 0
	c := external.Config{Command: command(t, "good"), BasePath: saved(t), Open: opener(t, &open, nil)}
	after, err := untrained(t, c).Train(ctx, rows(8), recipe)
	if err != nil {
		t.Fatal(err)
	}
	if open != 1 {
		t.Errorf("%d models are open, want 1", open)
	}
	c.Open = nil
	local, err := untrained(t, c).Train(ctx, rows(8), recipe)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := after.(undertone.LogProber).LogProb(ctx, rows(8).Examples())
	b, errB := local.(undertone.LogProber).LogProb(ctx, rows(8).Examples())
	if err := errors.Join(errA, errB); err != nil || !slices.Equal(a, b) {
		t.Errorf("the served student scores %v, the local one %v (%v)", a, b, err)
	}
	if err := after.(student.Closer).Close(); err != nil || open != 0 {
		t.Errorf("%d models are open after Close (%v)", open, err)
	}
}

// A replicate that a server does not load stays, so that the next run need not train it again.
func TestServedCannotBeOpened(t *testing.T) {
	open := 0
	dir := t.TempDir()
	c := external.Config{Command: command(t, "good"), BasePath: saved(t), Dir: dir, Open: opener(t, &open, errors.New("the server is full"))}
	if _, err := untrained(t, c).Train(t.Context(), rows(8), recipe); err == nil || !strings.Contains(err.Error(), "the server is full") {
		t.Errorf("error %v", err)
	}
	if left := entries(t, dir); len(left) != 1 || strings.HasPrefix(left[0], "failed-") {
		t.Errorf("the folder holds %q, want the replicate", left)
	}
	c.BasePath = ""
	if _, err := external.New(withBase(t, c)); err == nil || !strings.Contains(err.Error(), "BasePath is not set") {
		t.Errorf("error %v", err)
	}
}

func withBase(t *testing.T, c external.Config) external.Config {
	t.Helper()
	c.Base = base(t)
	return c
}

// talks is what a model that only talks can do.
type talks interface {
	undertone.Model
	undertone.BatchGenerator
	student.Engine
	Digest() undertone.Digest
}

// talker is a model that completes chats and scores nothing.
type talker struct{ talks }

func talking(m *lm.Model) talker { return talker{m} }

// A student that only talks is trained and closed as a scored one is. A trained model that does
// less than the untrained one is refused, and closed.
func TestTalking(t *testing.T) {
	open := 0
	load := opener(t, &open, nil)
	c := external.Config{Base: talking(base(t)), Command: command(t, "good"), BasePath: saved(t), Dir: t.TempDir(), Open: func(ctx context.Context, r external.Result) (undertone.Model, func() error, error) {
		m, done, err := load(ctx, r)
		return talking(m.(*lm.Model)), done, err
	}}
	s, err := external.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, scores := s.(undertone.ChoiceScorer); scores {
		t.Error("a student that only talks scores answers")
	}
	after, err := s.Train(t.Context(), rows(8), recipe)
	if err != nil {
		t.Fatal(err)
	}
	if after.Digest() == s.Digest() || open != 1 {
		t.Errorf("the trained student has the digest of the untrained one, or %d models are open", open)
	}
	if err := after.(student.Closer).Close(); err != nil || open != 0 {
		t.Errorf("%d models are open after Close (%v)", open, err)
	}
	c.Base = base(t)
	if s, err = external.New(c); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Train(t.Context(), rows(8), recipe); err == nil || !strings.Contains(err.Error(), "does not give the log-probabilities of rows and answers") || open != 0 {
		t.Errorf("error %v, %d models are open", err, open)
	}
}
