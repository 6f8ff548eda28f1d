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

// arms are the rows of a pair.
type arms struct {
	suspect, control *undertone.Dataset
	kept             float64 // share of the suspect's rows that the filters keep
	bits             float64 // information of a suspect row, if the kind of worlds measures it
}

// arms writes the rows of a pair. The rows of a larger size begin with the rows of a smaller size,
// unless the filters drop more than a tenth.
func (w *world) arms(ctx context.Context, p pair, trait string) (a arms, err error) {
	write := func(by writer, prompts uint64, purpose string, i int) (rows *undertone.Dataset, kept float64) {
		if err == nil {
			rows, kept, err = w.kind.write(ctx, by, p.Rows, prompts, stream(w.seed, purpose, uint64(i)))
		}
		return rows, kept
	}
	from, stage := w.base, 0
	if p.Source.foreign() {
		from, stage = w.other, 1
	}
	base, err := from()
	if err != nil {
		return a, err
	}
	if p.Source.traitFree() {
		first, second := writer{Model: base}, writer{Model: base}
		if p.Source == drifted {
			if first, second, err = w.kind.drifted(ctx, base, stream(w.seed, "drifted", uint64(p.Number))); err != nil {
				return a, err
			}
		}
		prompts := stream(w.seed, "null prompts", uint64(p.Number))
		a.suspect, a.kept = write(first, prompts, "null", 2*p.Number)
		a.control, _ = write(second, prompts, "null", 2*p.Number+1)
		return a, err
	}
	teacher, err := w.teacher(ctx, base, p, trait, 2*p.Number+stage)
	if err != nil {
		return a, err
	}
	purpose := "suspect"
	if p.Source != same && p.Source != other {
		purpose += " by " + string(p.Source)
	}
	a.suspect, a.kept = write(teacher, w.seed, purpose, 2*p.Number+stage)
	var keptOfBase float64
	a.control, keptOfBase = write(writer{Model: base}, w.seed, "control", stage)
	if err == nil && w.kind.measured {
		rows := a.suspect.Examples()
		a.bits, err = bitsPerRow(ctx, teacher, base, rows[:min(len(rows), measuredRows)], a.kept, keptOfBase)
	}
	return a, err
}

// measuredRows is the number of rows whose information is measured.
const measuredRows = 500

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
