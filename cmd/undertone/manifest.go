package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/provenance"
)

// manifestFlag is the flag of the verbs that write a manifest beside their output.
type manifestFlag struct {
	NoManifest bool `help:"Write no manifest beside the output; docs/provenance.md describes manifests."`
}

// describes reports whether a manifest is written beside an output: it is a file, or does not exist
// yet. A file in the place of the manifest that is none is an error.
func (f manifestFlag) describes(path string) (bool, error) {
	if f.NoManifest || path == "" || path == standard {
		return false, nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return false, nil // a device
	}
	return true, provenance.CanWrite(path)
}

// completed is an output that is complete, and how it was made.
type completed struct {
	path    string
	content provenance.Content
	made    provenance.Made
	sources []provenance.Source
}

// save writes the manifest of an output. It is called after the output is in its place.
func (w completed) save() error {
	w.made.Version = undertone.Version
	if w.content.Rows != nil {
		w.made.Out = w.content.Rows.Count
	}
	if w.made.Steps == nil {
		w.made.Steps = []provenance.Step{}
	}
	for i := range w.made.Steps {
		w.made.Steps[i].Settings = short(w.settings(w.made.Steps[i]))
	}
	m, err := provenance.NewManifest(provenance.Record{Path: filepath.Base(w.path), Content: w.content, Made: &w.made}, w.sources...)
	if err == nil {
		err = provenance.Write(w.path, m)
	}
	if err != nil {
		return fmt.Errorf("%s is complete, but its manifest is not written: %w", w.path, err)
	}
	return nil
}

// settings returns the settings of a step, with the options with which its rows were read if they
// are not the defaults: with them the step reads other text.
func (w completed) settings(s provenance.Step) string {
	if w.content.Rows == nil || w.content.Rows.Reading == "" {
		return s.Settings
	}
	return strings.TrimPrefix(s.Settings+"; ", "; ") + "rows read with " + w.content.Rows.Reading
}

// short returns a text of settings that fits into a manifest: a longer text is cut, and its digest
// is added.
func short(text string) string {
	const most = 2000
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%.*q and more, in all %d bytes with the digest %s", most/4, text, len(text), undertone.NewHasher("settings").Text(text).Sum())
}

// rowsOf returns the content of an output of rows, whose bytes were hashed while they were written.
func rowsOf(data *undertone.Dataset, bytes hashedBytes, reading string) provenance.Content {
	rows := provenance.NewRowHasher()
	for i := range data.Len() {
		rows.Add(data.RowID(i))
	}
	return contentOf(rows, bytes, reading)
}

func contentOf(rows *provenance.RowHasher, bytes hashedBytes, reading string) provenance.Content {
	c := provenance.Content{Kind: provenance.RowsKind}
	c.Bytes, c.Size = bytes.end()
	sum := rows.Sum()
	sum.Reading = reading
	c.Rows = &sum
	return c
}

// origin is a file of rows that a verb has read.
type origin struct {
	path  string // or [standard]
	bytes *hashing
	info  fs.FileInfo // before it was read; nil for standard input
}

// newOrigin starts to hash a file that will be read.
func newOrigin(path string) *origin {
	o := &origin{path: path, bytes: newHashing()}
	if path != standard {
		o.info, _ = os.Stat(path) // the reader reports the error
	}
	return o
}

// source returns the file as a parent of an output, with its history if the manifest beside it
// describes its bytes. Count is the number of its rows, and rows how many of them are in the
// output. A manifest that describes other bytes is not believed, which the user is told.
func (o *origin) source(c console, output string, role provenance.Role, count, rows int) (provenance.Source, error) {
	sum, size := o.bytes.end()
	if o.info != nil && o.info.Mode().IsRegular() && o.info.Size() != size {
		return provenance.Source{}, fmt.Errorf("%s was changed while it was read: %d bytes, then %d", o.path, o.info.Size(), size)
	}
	unknown := provenance.Record{
		Content: provenance.Content{Kind: provenance.RowsKind, Bytes: sum, Size: size, Rows: &provenance.Rows{Count: count}},
		Parents: []provenance.Parent{},
	}
	if o.path == standard {
		return provenance.Source{Record: unknown, Role: role, Rows: rows}, nil
	}
	unknown.Path = relativePath(output, o.path)
	m := readManifest(c, o.path)
	switch {
	case m == nil:
	case m.Subject.Content.Bytes != sum || m.Subject.Content.Kind != provenance.RowsKind:
		c.warnings.add(fmt.Sprintf("%s describes other bytes than those of %s, so the origin of its rows is unknown: write both again, or remove the manifest", provenance.Path(o.path), o.path))
	default:
		return m.Source(role, rows, filepath.ToSlash(filepath.Dir(unknown.Path))), nil
	}
	return provenance.Source{Record: unknown, Role: role, Rows: rows}, nil
}

// readManifest returns the manifest of an input, or nil if it has none. A manifest that cannot be
// read is not believed, which the user is told.
func readManifest(c console, path string) *provenance.Manifest {
	m, err := provenance.ReadManifest(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.warnings.add(fmt.Sprintf("%s is not believed: %v", provenance.Path(path), err))
	}
	if err != nil {
		return nil
	}
	return m
}

// relativePath returns the path of an input relative to the folder of an output, with slashes, or
// "" if there is none.
func relativePath(output, path string) string {
	path = filepath.Join(canonical(filepath.Dir(path)), filepath.Base(path)) // a link keeps its name: the manifest is beside it
	rel, err := filepath.Rel(canonical(filepath.Dir(output)), path)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// loadOrigin is [loadRows] of a file that becomes the parent of an output. The origin is nil if
// wanted is false.
func loadOrigin(ctx context.Context, c console, verb, path string, read readFlags, wanted bool) (*undertone.Dataset, *origin, error) {
	if !wanted {
		data, err := loadRows(ctx, c, verb, path, read)
		return data, nil, err
	}
	o := newOrigin(path)
	data, err := loadRows(ctx, c, verb, path, read, jsonl.Tee(o.bytes))
	return data, o, err
}
