package fit

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
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
	Key   undertone.Digest // of everything that the weights depend on; it is not in the file
	Every int              // steps between two files; a file is also written when ctx is done

	// Warn is called with a sentence if the file is damaged; the training then starts again (default
	// none).
	Warn func(string)
}

// checkpointFormat is the version of the form of the file.
const checkpointFormat = "undertone checkpoint v1"

// name returns the digest that names the file and that the file states.
func (c *Checkpoint) name() undertone.Digest {
	return undertone.NewHasher("checkpoint name").Digest(c.Key).Sum()
}

func (c *Checkpoint) path() string {
	return filepath.Join(c.Dir, c.name().String()[len("sha256:"):]+".training.safetensors")
}

// digest computes the keyed digest of the content of a checkpoint: HMAC-SHA-256 with a key that is
// derived from Key.
func (c *Checkpoint) digest(about map[string]string, tensors iter.Seq2[string, []float32]) string {
	h := undertone.NewHasher("checkpoint")
	for _, name := range slices.Sorted(maps.Keys(about)) {
		if name != aboutDigest {
			h.Text(name).Text(about[name])
		}
	}
	for name, v := range tensors {
		h.Text(name).Floats(v)
	}
	key, content := undertone.NewHasher("checkpoint digest key").Digest(c.Key).Sum(), h.Sum()
	mac := hmac.New(sha256.New, key[:])
	mac.Write(content[:])
	return undertone.Digest(mac.Sum(nil)).String()
}

// Fields of the metadata of a checkpoint, beside [updates].
const aboutFormat, aboutKey, aboutSteps, aboutDigest = "format", "key", "steps", "digest"

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
	about := map[string]string{aboutFormat: checkpointFormat, aboutKey: c.name().String(), aboutSteps: strconv.Itoa(students[0].taken)}
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
	about[aboutDigest] = c.digest(about, func(yield func(string, []float32) bool) {
		for _, t := range all {
			if !yield(t.Name, t.Float32s) {
				return
			}
		}
	})
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

// load restores the states from the file, if it exists, and returns the number of steps taken. A
// damaged file restores nothing.
func (c *Checkpoint) load(students []*state) (steps int, err error) {
	if c == nil {
		return 0, nil
	}
	info, err := os.Lstat(c.path())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file: delete it and train again", c.path())
	}
	if err != nil {
		return 0, fmt.Errorf("checkpoint: %w", err)
	}
	f, err := safetensors.Open(c.path())
	if err == nil {
		defer f.Close()
		steps, err = c.restore(f, students)
	}
	if err != nil {
		if c.Warn != nil {
			c.Warn(fmt.Sprintf("checkpoint %s is damaged and the training starts again: %v", c.path(), err))
		}
		return 0, nil
	}
	return steps, nil
}

// restore checks the whole file before it changes a state.
func (c *Checkpoint) restore(f *safetensors.File, students []*state) (int, error) {
	about := f.Metadata()
	steps, err := strconv.Atoi(about[aboutSteps])
	if err != nil || steps < 0 || about[aboutFormat] != checkpointFormat || about[aboutKey] != c.name().String() {
		return 0, errors.New("it belongs to another training")
	}
	counts := make([]int, len(students)) // updates of each student
	for i, s := range students {
		if s.opt.adam == nil {
			continue
		}
		n, err := strconv.Atoi(about[updates(i)])
		if err != nil || n < 0 || n > steps {
			return 0, errors.New("the number of updates is missing or out of range")
		}
		counts[i] = n
	}
	if err := c.verify(f, about, students, counts); err != nil {
		return 0, err
	}
	for i, s := range students {
		s.taken = steps
		if counts[i] > 0 {
			s.opt.adam.Restore(optim.State{Step: counts[i], First: like(s.params), Second: like(s.params)})
		}
		for name, v := range s.memory() {
			kept, err := f.Float32s(fmt.Sprintf("%d.%s", i, name))
			if err != nil {
				return 0, err
			}
			copy(v, kept)
		}
	}
	return steps, nil
}

// verify returns an error unless the file holds exactly the tensors of the students, and its digest
// is theirs.
func (c *Checkpoint) verify(f *safetensors.File, about map[string]string, students []*state, counts []int) (failed error) {
	digest := c.digest(about, func(yield func(string, []float32) bool) {
		for i, s := range students {
			for name, n := range s.layout(counts[i] > 0) {
				name = fmt.Sprintf("%d.%s", i, name)
				kept, err := f.Float32s(name)
				if err == nil && len(kept) != n {
					err = fmt.Errorf("%s has %d elements, want %d", name, len(kept), n)
				}
				if failed = err; err != nil || !yield(name, kept) {
					return
				}
			}
		}
	})
	if failed == nil && digest != about[aboutDigest] {
		failed = errors.New("its digest does not match")
	}
	return failed
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

// layout ranges over the names and sizes of the slices of memory, before the state has taken a step
// or after it.
func (s *state) layout(moments bool) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for i, p := range s.params {
			if !yield(fmt.Sprintf("param.%d", i), p.Len()) {
				return
			}
			if moments && !(yield(fmt.Sprintf("first.%d", i), p.Len()) && yield(fmt.Sprintf("second.%d", i), p.Len())) {
				return
			}
		}
	}
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
