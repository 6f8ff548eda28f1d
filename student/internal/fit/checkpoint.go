package fit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Checkpoint is a file with the parameters and the optimizer state of an unfinished training. It
// appears only when all of it is written, and is removed when the training is done. A nil
// Checkpoint writes nothing.
type Checkpoint struct {
	Dir   string           // created if needed
	Key   undertone.Digest // of everything that the weights depend on
	Every int              // steps between two files; a file is also written when ctx is done
}

func (c *Checkpoint) path() string {
	return filepath.Join(c.Dir, c.Key.String()[len("sha256:"):]+".training.safetensors")
}

// due reports whether the steps from, …, to−1 end with a file.
func (c *Checkpoint) due(from, to int) bool {
	return c != nil && c.Every > 0 && from/c.Every != to/c.Every
}

// save writes the states of students that took the same number of steps, and nothing if the numbers
// differ.
func (c *Checkpoint) save(students []*state) error {
	if c == nil || slices.ContainsFunc(students, func(s *state) bool { return s.taken != students[0].taken }) {
		return nil
	}
	about := map[string]string{"key": c.Key.String(), "steps": strconv.Itoa(students[0].taken)}
	var all []safetensors.Tensor
	for i, s := range students {
		if s.opt.adam != nil {
			about[updates(i)] = strconv.Itoa(s.opt.adam.State().Step)
		}
		for name, v := range s.memory() {
			name = fmt.Sprintf("%d.%s", i, name)
			all = append(all, safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: []int{len(v)}, Float32s: v})
		}
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	err := atomicfile.Write(c.path(), func(w io.Writer) error { return safetensors.Write(w, all, about) })
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// updates is the metadata key of the number of steps that changed a student's weights.
func updates(student int) string { return fmt.Sprintf("updates.%d", student) }

// load restores the states from the file, if it exists, and returns the number of steps taken.
func (c *Checkpoint) load(students []*state) (steps int, err error) {
	if c == nil {
		return 0, nil
	}
	f, err := safetensors.Open(c.path())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err == nil {
		defer f.Close()
		steps, err = c.restore(f, students)
	}
	if err != nil {
		return 0, fmt.Errorf("checkpoint %s is damaged: delete it and train again: %w", c.path(), err)
	}
	return steps, nil
}

func (c *Checkpoint) restore(f *safetensors.File, students []*state) (int, error) {
	about := f.Metadata()
	steps, err := strconv.Atoi(about["steps"])
	if err != nil || steps < 0 || about["key"] != c.Key.String() {
		return 0, errors.New("it belongs to another training")
	}
	for i, s := range students {
		s.taken = steps
		if s.opt.adam != nil {
			n, err := strconv.Atoi(about[updates(i)])
			if err != nil || n < 0 || n > steps {
				return 0, errors.New("the number of updates is missing or out of range")
			}
			if n > 0 {
				s.opt.adam.Restore(optim.State{Step: n, First: like(s.params), Second: like(s.params)})
			}
		}
		for name, v := range s.memory() {
			kept, err := f.Float32s(fmt.Sprintf("%d.%s", i, name))
			if err != nil {
				return 0, err
			}
			if len(kept) != len(v) {
				return 0, fmt.Errorf("%s has %d elements, want %d", name, len(kept), len(v))
			}
			copy(v, kept)
		}
	}
	return steps, nil
}

// remove deletes the file of a training that is done.
func (c *Checkpoint) remove() error {
	if c == nil {
		return nil
	}
	if err := os.Remove(c.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// memory ranges over all numbers of a state. The slices are those of the state.
func (s *state) memory() iter.Seq2[string, []float32] {
	return func(yield func(string, []float32) bool) {
		var o optim.State
		if s.opt.adam != nil {
			o = s.opt.adam.State()
		}
		for i, p := range s.params {
			if !yield(fmt.Sprintf("param.%d", i), p.Data()) {
				return
			}
			if o.Step > 0 && !(yield(fmt.Sprintf("first.%d", i), o.First[i]) && yield(fmt.Sprintf("second.%d", i), o.Second[i])) {
				return
			}
		}
	}
}

// like returns a zero for each weight.
func like(params []*tensor.Tensor) [][]float32 {
	zeros := make([][]float32, len(params))
	for i, p := range params {
		zeros[i] = make([]float32, p.Len())
	}
	return zeros
}
