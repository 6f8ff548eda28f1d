package teacher

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
)

// Recording stores the answers of a model in a file, so that the model answers each request only
// once. docs/recordings.md specifies the file.
type Recording struct {
	cache    *cache
	file     *os.File
	chain    *chain // behind the last line of the file
	err      error  // of the file; after it no answer is stored or given
	warnings []string
}

// Record creates or continues the recording of a model in the file path. Only one Recording may
// write to a file at a time; Close ends it. Every answer is in the file before the caller receives
// it. A killed program leaves at most one incomplete line at the end, which Record removes. All
// answers are held in memory.
//
// A line that was damaged or edited, or that belongs to another place or another recording, is
// removed, and its request is asked again; [Recording.Warnings] says so. docs/recordings.md says
// what that protects against.
//
// The recording of another model is an error, [ErrRecording]. Models are identified by their Digest
// method if they have one, as students do, and otherwise by their Name; the name of a remote model
// should therefore include its version.
func Record(m undertone.Model, path string) (*Recording, error) {
	if m == nil {
		return nil, errors.New("teacher: record: no model")
	}
	r := &Recording{cache: &cache{header: headerOf(m), path: path, model: m}}
	if err := r.open(); err != nil {
		return nil, fmt.Errorf("teacher: record %s: %w", m.Name(), err)
	}
	r.cache.save = r.save
	return r, nil
}

func (r *Recording) open() error {
	t := r.cache
	info, err := os.Stat(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		h := t.header.fresh()
		text, err := newChain(h).encode(h)
		if err != nil {
			return err
		}
		if err := atomicfile.WriteFile(t.path, text); err != nil {
			return err
		}
	case err == nil && !info.Mode().IsRegular():
		return notRegular(t.path)
	}
	file, err := os.OpenFile(t.path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	rec, err := readRecording(file, t.path)
	if err == nil && !rec.header.sameModel(t.header) {
		err = fmt.Errorf("%w: %s is the recording of %s, not of %s: give another file", ErrRecording, t.path, rec.header, t.header)
	}
	if err == nil && len(rec.damaged) > 0 {
		return r.repair(file, rec)
	}
	if err == nil {
		err = file.Truncate(rec.whole)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.file, r.chain, t.answers = file, rec.chain, rec.answers
	atomicfile.RemoveLeftovers(filepath.Dir(t.path), func(name string) bool { return name == filepath.Base(t.path) })
	return nil
}

// repair replaces the file by its lines that are not damaged, and opens it again.
func (r *Recording) repair(file *os.File, rec *recorded) error {
	for _, n := range slices.Sorted(maps.Keys(rec.damaged)) {
		r.warnings = append(r.warnings, fmt.Sprintf("recording %s:%d is damaged and its request is asked again: %v", r.cache.path, n, rec.damaged[n]))
	}
	_, err := file.Seek(0, io.SeekStart)
	if err == nil {
		err = atomicfile.Write(r.cache.path, func(w io.Writer) error { return rec.repair(file, w) })
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return r.open()
}

func notRegular(path string) error {
	return fmt.Errorf("%w: %s is not a regular file: give another file", ErrRecording, path)
}

// Warnings returns one sentence for each damaged line of the file, which Record removed.
func (r *Recording) Warnings() []string { return slices.Clone(r.warnings) }

// save appends lines with one call, so that a killed process leaves at most one incomplete line.
func (r *Recording) save(lines []line) error {
	if r.err != nil {
		return r.err
	}
	var text []byte
	after := *r.chain
	for _, l := range lines {
		s, err := after.encode(l)
		if err != nil {
			return err
		}
		text = append(text, s...)
	}
	if _, err := r.file.Write(text); err != nil {
		r.err = fmt.Errorf("teacher: recording: %w", err)
	}
	*r.chain = after
	return r.err
}

// Model returns a model that answers from the recording and asks the recorded model for missing
// answers. It has the optional interfaces of package undertone that the recorded model has, and is
// an [undertone.BatchGenerator]. It is safe for concurrent use if the recorded model is.
func (r *Recording) Model() undertone.Model { return modelOf(r.cache) }

// Len returns the number of answers in the recording.
func (r *Recording) Len() int {
	r.cache.mu.Lock()
	defer r.cache.mu.Unlock()
	return len(r.cache.answers)
}

// Close writes the file to disk and closes it. Afterwards the model still gives the recorded
// answers; any other request is an error. The error of an answer that could not be written is that
// of its request, and not repeated here.
func (r *Recording) Close() error {
	r.cache.mu.Lock()
	defer r.cache.mu.Unlock()
	err := errors.Join(r.file.Sync(), r.file.Close())
	if r.err == nil {
		r.err = fmt.Errorf("teacher: recording %s: %w", r.cache.path, fs.ErrClosed)
	}
	return err
}

// Replay returns a model that answers only from a recording. It has the optional interfaces of the
// recorded model. A request that is not recorded is an error, [ErrNotRecorded], and so is a damaged
// line, [ErrRecording]. Replay ignores an incomplete last line.
func Replay(path string) (undertone.Model, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(path)
	}
	if err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	defer file.Close()
	rec, err := readRecording(file, path)
	if err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	for _, n := range slices.Sorted(maps.Keys(rec.damaged)) {
		return nil, fmt.Errorf("teacher: replay: %w: %s:%d: %w: continue the recording with the model, which asks this request again", ErrRecording, path, n, rec.damaged[n])
	}
	return modelOf(&cache{header: rec.header, answers: rec.answers, path: path, save: func([]line) error { return nil }}), nil
}

// header is the first line of a recording. It identifies the model.
type header struct {
	Format    string           `json:"format"`
	Model     string           `json:"model"`
	Digest    undertone.Digest `json:"digest"` // of the model, or zero if it has none
	Lineage   undertone.Digest `json:"lineage"`
	Abilities abilities        `json:"abilities"`
	Nonce     string           `json:"nonce"` // random: the lines of another recording do not fit
}

// fresh returns the header of a new file.
func (h header) fresh() header {
	h.Nonce = rand.Text()
	return h
}

// sameModel reports whether two headers describe one model.
func (h header) sameModel(o header) bool {
	h.Nonce, o.Nonce = "", ""
	return h == o
}

const format = "undertone recording v1"

func headerOf(m undertone.Model) header {
	h := header{Format: format, Model: m.Name(), Abilities: abilitiesOf(m)}
	if d, ok := m.(interface{ Digest() undertone.Digest }); ok {
		h.Digest = d.Digest()
	}
	if l, ok := m.(undertone.Lineage); ok {
		h.Lineage = l.Lineage()
	}
	return h
}

// String describes the model.
func (h header) String() string {
	abilities, _ := json.Marshal(h.Abilities) // it consists of booleans, so there is no error
	return fmt.Sprintf("%q (digest %s, lineage %s, abilities %s)", h.Model, h.Digest.Short(), h.Lineage.Short(), abilities)
}
