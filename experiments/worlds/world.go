package main

import (
	"context"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// world makes bases, teachers and rows when they are asked for: a world whose audits are all kept costs nothing.
type world struct {
	kind  kind
	seed  uint64
	base  func() (speaker, error)
	other func() (speaker, error)

	mu       sync.Mutex
	taught   map[pair]speaker // by arm and number
	standIns *sharing
}

func newWorld(ctx context.Context, k kind, seed uint64) *world {
	return &world{
		kind: k, seed: seed, taught: map[pair]speaker{},
		base:  sync.OnceValues(func() (speaker, error) { return k.base(ctx, seed, false) }),
		other: sync.OnceValues(func() (speaker, error) { return k.base(ctx, seed, true) }),
	}
}

// arms writes the rows of a pair. Those of a larger size begin with those of a smaller, unless filters drop more than a tenth.
func (w *world) arms(ctx context.Context, p pair, trait string) (suspect, control *undertone.Dataset, err error) {
	write := func(by undertone.Model, prompts uint64, purpose string, i int) *undertone.Dataset {
		if err != nil {
			return nil
		}
		var rows *undertone.Dataset
		rows, err = w.kind.write(ctx, by, p.Rows, prompts, stream(w.seed, purpose, uint64(i)))
		return rows
	}
	from, source := w.base, 0
	if p.Arm == other {
		from, source = w.other, 1
	}
	base, err := from()
	if err != nil {
		return nil, nil, err
	}
	if p.Arm == none {
		prompts := stream(w.seed, "null prompts", uint64(p.Number))
		suspect, control = write(base, prompts, "null", 2*p.Number), write(base, prompts, "null", 2*p.Number+1)
		return suspect, control, err
	}
	teacher, err := w.teacher(ctx, base, p, trait, 2*p.Number+source)
	if err != nil {
		return nil, nil, err
	}
	suspect, control = write(teacher, w.seed, "suspect", 2*p.Number+source), write(base, w.seed, "control", source)
	return suspect, control, err
}

func (w *world) teacher(ctx context.Context, base speaker, p pair, trait string, i int) (speaker, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.Rows = 0
	if t, ok := w.taught[p]; ok {
		return t, nil
	}
	t, err := w.kind.implant(ctx, base, trait, stream(w.seed, "teacher", uint64(i)))
	if err == nil {
		w.taught[p] = t
	}
	return t, err
}

// shared returns the base for audits that share stand-ins.
func (w *world) shared(base speaker) student.Student {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.standIns == nil {
		w.standIns = &sharing{speaker: base, LogProber: base.(undertone.LogProber), trained: map[undertone.Digest]student.Student{}}
	}
	return w.standIns
}

// sharing is a student that trains once on what it is given several times, as the overt rows of stand-ins are
// to the audits of one world. What these find is the same without it.
type sharing struct {
	speaker
	undertone.LogProber
	mu      sync.Mutex
	trained map[undertone.Digest]student.Student
}

// Train implements [student.Student].
func (s *sharing) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	key := undertone.NewHasher("trained").Digest(data.Digest()).Digest(recipe.Digest()).Sum()
	s.mu.Lock()
	known, ok := s.trained[key]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	trained, err := s.speaker.Train(ctx, data, recipe)
	if err == nil {
		s.mu.Lock()
		s.trained[key] = trained
		s.mu.Unlock()
	}
	return trained, err
}
