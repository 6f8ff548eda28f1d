package main

import (
	"context"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// world makes bases, teachers and rows on demand, so that a world without missing audits costs
// nothing.
type world struct {
	kind  kind
	seed  uint64
	base  func() (trainable, error)
	other func() (trainable, error)

	mu       sync.Mutex
	teachers map[pair]writer // by source and number
	once     *trainOnce      // the base, for surrogates

	scores undertone.MemoryStore // of rows, for audits with one control
}

func newWorld(ctx context.Context, k kind, seed uint64) *world {
	return &world{
		kind: k, seed: seed, teachers: map[pair]writer{},
		base:  sync.OnceValues(func() (trainable, error) { return k.base(ctx, seed, false) }),
		other: sync.OnceValues(func() (trainable, error) { return k.base(ctx, seed, true) }),
	}
}

// arms writes the rows of a pair. The rows of a larger size begin with the rows of a smaller size,
// unless the filters drop more than a tenth.
func (w *world) arms(ctx context.Context, p pair, trait string) (suspect, control *undertone.Dataset, err error) {
	write := func(by writer, prompts uint64, purpose string, i int) *undertone.Dataset {
		if err != nil {
			return nil
		}
		var rows *undertone.Dataset
		rows, err = w.kind.write(ctx, by, p.Rows, prompts, stream(w.seed, purpose, uint64(i)))
		return rows
	}
	from, stage := w.base, 0
	if p.Source == other {
		from, stage = w.other, 1
	}
	base, err := from()
	if err != nil {
		return nil, nil, err
	}
	if p.Source.traitFree() {
		first, second := writer{Model: base}, writer{Model: base}
		if p.Source == drifted {
			if first, second, err = w.kind.drifted(ctx, base, stream(w.seed, "drifted", uint64(p.Number))); err != nil {
				return nil, nil, err
			}
		}
		prompts := stream(w.seed, "null prompts", uint64(p.Number))
		suspect, control = write(first, prompts, "null", 2*p.Number), write(second, prompts, "null", 2*p.Number+1)
		return suspect, control, err
	}
	teacher, err := w.teacher(ctx, base, p, trait, 2*p.Number+stage)
	if err != nil {
		return nil, nil, err
	}
	purpose := "suspect"
	if p.Source != same && p.Source != other {
		purpose += " by " + string(p.Source)
	}
	suspect, control = write(teacher, w.seed, purpose, 2*p.Number+stage), write(writer{Model: base}, w.seed, "control", stage)
	return suspect, control, err
}

func (w *world) teacher(ctx context.Context, base trainable, p pair, trait string, i int) (writer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.Rows = 0
	if t, ok := w.teachers[p]; ok {
		return t, nil
	}
	teach, purpose := w.kind.teacher, "teacher"
	if u := w.kind.unlike[p.Source]; u != nil {
		teach, purpose = u, "teacher by "+string(p.Source)
	}
	t, err := teach(ctx, base, trait, stream(w.seed, purpose, uint64(i)))
	if err == nil {
		w.teachers[p] = t
	}
	return t, err
}

// shared returns the base for audits that share surrogates.
func (w *world) shared(base trainable) student.Student {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.once == nil {
		w.once = newTrainOnce(base)
	}
	return w.once
}

// trainOnce is a student that trains once on equal data and recipes, such as the overt rows of
// surrogates in the audits of one world. It does not change their results.
type trainOnce struct {
	trainable
	undertone.LogProber
	whole   func() (student.Student, error)
	mu      sync.Mutex
	trained map[undertone.Digest]student.Student
}

func newTrainOnce(base trainable) *trainOnce {
	return &trainOnce{
		trainable: base, LogProber: base.(undertone.LogProber), trained: map[undertone.Digest]student.Student{},
		whole: sync.OnceValues(func() (student.Student, error) {
			adapted, ok := base.(student.Adapted)
			if !ok {
				return nil, nil
			}
			whole, err := adapted.Unadapted()
			if whole == nil || err != nil {
				return nil, err
			}
			return newTrainOnce(whole.(trainable)), nil
		}),
	}
}

// Unadapted implements [student.Adapted].
func (s *trainOnce) Unadapted() (student.Student, error) { return s.whole() }

// Train implements [student.Student].
func (s *trainOnce) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	key := undertone.NewHasher("trained").Digest(data.Digest()).Digest(recipe.Digest()).Sum()
	s.mu.Lock()
	known, ok := s.trained[key]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	trained, err := s.trainable.Train(ctx, data, recipe)
	if err == nil {
		s.mu.Lock()
		s.trained[key] = trained
		s.mu.Unlock()
	}
	return trained, err
}
