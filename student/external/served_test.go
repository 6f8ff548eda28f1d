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
