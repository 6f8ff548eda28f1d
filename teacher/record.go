package teacher

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
)

// Recording keeps what a model answers in a file, docs/recordings.md, and asks it
// nothing twice.
type Recording struct {
	tape *tape
	file *os.File
	err  error // of the file; what comes after is not kept, so nothing comes after
}

// Record makes or continues the recording of a model in the file path. One recording
// writes to a file at a time; Close ends it. Every answer is in the file before the
// caller sees it. A program that was killed leaves at most one torn line at the
// end, which is cut off here. All answers are held in memory.
//
// A file that was made with another model is refused ([ErrRecording]). Models are
// told apart by their Digest method if they have one, such as students, and otherwise
// by their Name alone: the name of a remote model should say its version.
func Record(m undertone.Model, path string) (*Recording, error) {
	if m == nil {
		return nil, errors.New("teacher: record: no model")
	}
	r := &Recording{tape: &tape{header: headerOf(m), path: path, model: m}}
	if err := r.open(); err != nil {
		return nil, fmt.Errorf("teacher: record %s: %w", m.Name(), err)
	}
	r.tape.keep = r.keep
	return r, nil
}

func (r *Recording) open() error {
	t := r.tape
	if _, err := os.Stat(t.path); errors.Is(err, fs.ErrNotExist) {
		text, err := sealed(t.header)
		if err != nil {
			return err
		}
		if err := atomicfile.WriteFile(t.path, text); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(t.path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	found, answers, whole, err := read(file, t.path)
	if err == nil && found != t.header {
		err = fmt.Errorf("%w: %s is of %s, not of %s: give another file", ErrRecording, t.path, found, t.header)
	}
	if err == nil {
		err = file.Truncate(whole)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.file, t.answers = file, answers
	return nil
}

// keep appends lines with one call, so that a kill tears at most one of them.
func (r *Recording) keep(lines []line) error {
	if r.err != nil {
		return r.err
	}
	var text []byte
	for _, l := range lines {
		s, err := sealed(l)
		if err != nil {
			return err
		}
		text = append(text, s...)
	}
	if _, err := r.file.Write(text); err != nil {
		r.err = fmt.Errorf("teacher: recording: %w", err)
	}
	return r.err
}

// Model returns the model that answers from the recording, and else asks the recorded model.
// It has the optional powers that the recorded one has, of those that package
// undertone names, and can be asked in batches. It is safe for concurrent use if the recorded one is.
func (r *Recording) Model() undertone.Model { return only(r.tape.header.Powers, r.tape) }

// Len returns the number of answers in the recording.
func (r *Recording) Len() int {
	r.tape.mu.Lock()
	defer r.tape.mu.Unlock()
	return len(r.tape.answers)
}

// Close puts everything on disk and closes the file. After that the model still answers what
// is recorded; anything else is an error.
func (r *Recording) Close() error {
	r.tape.mu.Lock()
	defer r.tape.mu.Unlock()
	err := errors.Join(r.err, r.file.Sync(), r.file.Close())
	if r.err == nil {
		r.err = fmt.Errorf("teacher: recording %s: %w", r.tape.path, fs.ErrClosed)
	}
	return err
}

// Replay returns the model of a recording, which answers what was recorded, with
// the optional powers of the recorded model, and nothing else ([ErrNotRecorded]). A torn last line is passed over.
func Replay(path string) (undertone.Model, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	defer file.Close()
	t := &tape{path: path, keep: func([]line) error { return nil }}
	if t.header, t.answers, _, err = read(file, path); err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	return only(t.header.Powers, t), nil
}

// header is the first line of a recording: what was recorded.
type header struct {
	Format  string           `json:"format"`
	Model   string           `json:"model"`
	Digest  undertone.Digest `json:"digest"` // of the model, zero if it has none
	Lineage undertone.Digest `json:"lineage"`
	Powers  powers           `json:"powers"`
}

const format = "undertone recording v1"

func headerOf(m undertone.Model) header {
	h := header{Format: format, Model: m.Name(), Powers: powersOf(m)}
	if d, ok := m.(interface{ Digest() undertone.Digest }); ok {
		h.Digest = d.Digest()
	}
	if l, ok := m.(undertone.Lineage); ok {
		h.Lineage = l.Lineage()
	}
	return h
}

// String says what tells a model from another.
func (h header) String() string {
	powers, _ := json.Marshal(h.Powers) // of booleans: it cannot fail
	return fmt.Sprintf("%q (digest %s, lineage %s, powers %s)", h.Model, h.Digest.Short(), h.Lineage.Short(), powers)
}
