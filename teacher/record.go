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

// Recording stores the answers of a model in a file, so that the model answers each request only
// once. docs/recordings.md specifies the file.
type Recording struct {
	cache *cache
	file  *os.File
	err   error // of the file; after it no answer is stored or given
}

// Record creates or continues the recording of a model in the file path. Only one Recording may
// write to a file at a time; Close ends it. Every answer is in the file before the caller receives
// it. A killed program leaves at most one incomplete line at the end, which Record removes. All
// answers are held in memory.
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
	if _, err := os.Stat(t.path); errors.Is(err, fs.ErrNotExist) {
		text, err := encodeLine(t.header)
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
	found, answers, whole, err := readRecording(file, t.path)
	if err == nil && found != t.header {
		err = fmt.Errorf("%w: %s is the recording of %s, not of %s: give another file", ErrRecording, t.path, found, t.header)
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

// save appends lines with one call, so that a killed process leaves at most one incomplete line.
func (r *Recording) save(lines []line) error {
	if r.err != nil {
		return r.err
	}
	var text []byte
	for _, l := range lines {
		s, err := encodeLine(l)
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
// answers; any other request is an error.
func (r *Recording) Close() error {
	r.cache.mu.Lock()
	defer r.cache.mu.Unlock()
	err := errors.Join(r.err, r.file.Sync(), r.file.Close())
	if r.err == nil {
		r.err = fmt.Errorf("teacher: recording %s: %w", r.cache.path, fs.ErrClosed)
	}
	return err
}

// Replay returns a model that answers only from a recording. It has the optional interfaces of the
// recorded model. A request that is not recorded is an error, [ErrNotRecorded]. Replay ignores an
// incomplete last line.
func Replay(path string) (undertone.Model, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	defer file.Close()
	t := &cache{path: path, save: func([]line) error { return nil }}
	if t.header, t.answers, _, err = readRecording(file, path); err != nil {
		return nil, fmt.Errorf("teacher: replay: %w", err)
	}
	return modelOf(t), nil
}

// header is the first line of a recording. It identifies the model.
type header struct {
	Format    string           `json:"format"`
	Model     string           `json:"model"`
	Digest    undertone.Digest `json:"digest"` // of the model, or zero if it has none
	Lineage   undertone.Digest `json:"lineage"`
	Abilities abilities        `json:"abilities"`
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
