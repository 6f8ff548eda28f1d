package fit

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// bowl is a loss whose gradient depends on the weights and the rows. It calls cancel
// after a number of steps, if cancel is not nil.
func bowl(w *tensor.Tensor, c *Checkpoint, after int, cancel context.CancelFunc) Objective[[]int] {
	return Objective[[]int]{
		Read: func(b *[]int, rows []int) error { *b = rows; return nil },
		Loss: func(t *tensor.Tape, _ int, rows *[]int) (*tensor.Tensor, float64) {
			if after--; after == 0 {
				cancel()
			}
			return t.Scale(t.Mean(t.Mul(w, w)), float32((*rows)[0])+1), 1
		},
		Checkpoint: c,
	}
}

// TestResume: an interrupted training resumes and gives the bits of an uninterrupted one.
func TestResume(t *testing.T) {
	for _, optimizer := range []string{student.Adam, student.AdamW, student.SGD} {
		recipe := student.Recipe{Optimizer: optimizer, LearningRate: 0.01, BatchSize: 3, Epochs: 3, Seed: 5, Schedule: student.Linear, WarmupSteps: 2}
		whole := weights(1, 2)
		if err := Run(t.Context(), one(whole), rows(10), recipe, bowl(whole, nil, -1, nil)); err != nil {
			t.Fatal(err)
		}
		for _, every := range []int{0, 2} {
			c := &Checkpoint{Dir: t.TempDir(), Key: undertone.NewHasher("a").Sum(), Every: every}
			for _, after := range []int{1, 5, -1} { // steps before it is stopped
				w := weights(1, 2)
				ctx, cancel := context.WithCancel(t.Context())
				err := Run(ctx, one(w), rows(10), recipe, bowl(w, c, after, cancel))
				cancel()
				if after > 0 && !errors.Is(err, context.Canceled) || after < 0 && err != nil {
					t.Fatalf("%s: stopped after %d steps: %v", optimizer, after, err)
				}
				if after < 0 && !slices.Equal(w.Data(), whole.Data()) {
					t.Errorf("%s: resumed: %v, want %v", optimizer, w.Data(), whole.Data())
				}
			}
			if left, _ := os.ReadDir(c.Dir); len(left) != 0 {
				t.Errorf("%s: %d files are left when training is done", optimizer, len(left))
			}
		}
	}
}

// A damaged checkpoint is said, and the training starts again and gives the same weights.
func TestDamagedCheckpoint(t *testing.T) {
	recipe := student.Recipe{BatchSize: 1}
	const n = 9
	whole := weights(1)
	if err := Run(t.Context(), one(whole), rows(n), recipe, bowl(whole, nil, -1, nil)); err != nil {
		t.Fatal(err)
	}
	edit := func(change func([]byte)) func(*Checkpoint) error {
		return func(c *Checkpoint) error {
			text, err := os.ReadFile(c.path())
			if err != nil {
				return err
			}
			change(text)
			return os.WriteFile(c.path(), text, 0o600)
		}
	}
	for _, c := range []struct {
		reason string
		damage func(*Checkpoint) error
		want   string
	}{
		{"cut off", func(c *Checkpoint) error { return os.Truncate(c.path(), 100) }, "truncated"},
		{"empty", func(c *Checkpoint) error { return os.Truncate(c.path(), 0) }, "it is not a safetensors file"},
		{"under another key", func(c *Checkpoint) error {
			from := c.path()
			c.Key[0]++
			return os.Rename(from, c.path())
		}, "it belongs to another training"},
		{"one bit of a weight", edit(func(text []byte) { text[len(text)-1] ^= 1 }), "its digest does not match"},
		{"another number of steps", edit(func(text []byte) {
			i := bytes.Index(text, []byte(`"steps":"`))
			text[i+len(`"steps":"`)]++
		}), "its digest does not match"},
	} {
		var said []string
		at := &Checkpoint{Dir: t.TempDir(), Key: undertone.NewHasher("a").Sum(), Warn: func(w string) { said = append(said, w) }}
		w := weights(1)
		ctx, cancel := context.WithCancel(t.Context())
		if err := Run(ctx, one(w), rows(n), recipe, bowl(w, at, 4, cancel)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err := c.damage(at); err != nil {
			t.Fatal(err)
		}
		w = weights(1)
		if err := Run(t.Context(), one(w), rows(n), recipe, bowl(w, at, -1, nil)); err != nil || !slices.Equal(w.Data(), whole.Data()) {
			t.Errorf("%s: weights %v, error %v, want %v", c.reason, w.Data(), err, whole.Data())
		}
		if len(said) != 1 || !strings.Contains(said[0], at.path()+" is damaged and the training starts again") || !strings.Contains(said[0], c.want) {
			t.Errorf("%s: warnings %q, want one with %q", c.reason, said, c.want)
		}
	}
	// Another number of weights.
	var said []string
	at := &Checkpoint{Dir: t.TempDir(), Warn: func(w string) { said = append(said, w) }}
	w := weights(1)
	ctx, cancel := context.WithCancel(t.Context())
	if err := Run(ctx, one(w), rows(n), recipe, bowl(w, at, 4, cancel)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	w = weights(1, 2)
	if err := Run(t.Context(), one(w), rows(n), recipe, bowl(w, at, -1, nil)); err != nil || len(said) != 1 || !strings.Contains(said[0], "param.0 has 1 elements, want 2") {
		t.Errorf("other weights: error %v, warnings %q", err, said)
	}
	// A folder under the name of the file.
	if err := os.Mkdir(at.path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), one(w), rows(n), recipe, bowl(w, at, -1, nil)); err == nil || !strings.Contains(err.Error(), at.path()+" is not a regular file: delete it") {
		t.Errorf("a folder: error %v", err)
	}
}
