package provenance

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/undertone-audit/undertone/jsonl"
)

// compare reads the file or folder of an ancestor, and compares it with its record.
func (t *tracer) compare(node int, r Record) (FileState, Content, error) {
	none := Content{Kind: r.Content.Kind}
	if r.Path == "" {
		if m := t.loaded(r, ""); m != nil {
			return FileVerified, Content{Kind: r.Content.Kind, Model: m}, t.ctx.Err()
		}
		return FileUnread, none, t.ctx.Err()
	}
	name := path.Join(t.folder, r.Path)
	if path.IsAbs(r.Path) || !fs.ValidPath(name) {
		t.problem(OutsideFile, node, "%s lies outside the folder that may be read", r.Path)
		return FileUnread, none, nil
	}
	info, err := fs.Stat(t.fsys, name)
	var found Content
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.problem(MissingFile, node, "%s is not there", r.Path)
		return FileMissing, none, nil
	case err != nil:
	default:
		found, err = t.describe(name, r, info)
	}
	switch {
	case t.ctx.Err() != nil:
		return FileUnread, none, t.ctx.Err()
	case errors.Is(err, errLarger):
		t.problem(StaleFile, node, "%s was replaced: %v", r.Path, err)
		return FileStale, none, nil
	case err != nil:
		t.problem(UnreadableFile, node, "%s: %v", r.Path, err)
		return FileUnread, none, nil
	}
	if why := r.Content.differ(found); why != "" {
		t.problem(StaleFile, node, "%s was replaced: %s", r.Path, why)
		return FileStale, none, nil
	}
	if found.Bytes.IsZero() && found.Model == nil {
		return FileUnread, none, nil
	}
	return FileVerified, found, nil
}

// describe reads the file or folder of an ancestor, if it may be read.
func (t *tracer) describe(name string, r Record, info fs.FileInfo) (Content, error) {
	if err := t.admit(r, name, info); err != nil {
		return Content{}, err
	}
	switch {
	case r.Content.Kind == RowsKind:
		return t.describeRecord(name, *r.Content.Rows)
	case !info.IsDir():
		return Content{}, errors.New("it is not the folder of a model")
	}
	return t.describeModel(name, r)
}

// describeRecord reads the file of rows of an ancestor. A record without row IDs is that of a file
// without a manifest: its rows are read with the options of the caller, so that a report about them
// is found. Rows that cannot be read, or are counted otherwise, are compared by their bytes.
func (t *tracer) describeRecord(name string, r Rows) (Content, error) {
	if !r.Root.IsZero() {
		return t.describeRows(name, r.Reading, true)
	}
	c, err := t.describeRows(name, jsonl.Reading(t.options.Read...), true)
	if err == nil && c.Rows.Count == r.Count || t.ctx.Err() != nil {
		return c, err
	}
	return t.describeRows(name, r.Reading, false)
}

// describeRows reads a file of rows, each once. If the row IDs are not needed, or cannot be
// computed with the options of the record, it reads the bytes alone.
func (t *tracer) describeRows(name, reading string, ids bool) (Content, error) {
	opts, known := jsonl.ReadingOptions(reading)
	if jsonl.Reading(t.options.Read...) == reading {
		opts, known = t.options.Read, true
	}
	if !ids || !known {
		reading = "bytes alone"
	}
	key := name + "\x00" + reading
	if c, there := t.seen[key]; there {
		return c, nil
	}
	c := Content{Kind: RowsKind}
	var err error
	if ids && known {
		c, err = DescribeRows(t.ctx, t.fsys, name, opts...)
	} else {
		c.Bytes, c.Size, err = DigestFile(t.ctx, t.fsys, name)
	}
	if err == nil {
		t.seen[key] = c
	}
	return c, err
}

// describeModel reads the folder of a model: its bytes if the record has their digest, and the
// model if it can be loaded.
func (t *tracer) describeModel(name string, r Record) (Content, error) {
	c := Content{Kind: r.Content.Kind}
	if !r.Content.Bytes.IsZero() {
		folder, there := t.folders[name]
		if !there {
			var err error
			if folder.Bytes, folder.Size, err = DigestFolder(t.ctx, t.fsys, name); err != nil {
				return c, err
			}
			t.folders[name] = folder
		}
		c.Bytes, c.Size = folder.Bytes, folder.Size
	}
	c.Model = t.loaded(r, name)
	return c, nil
}

// loaded returns the model of a record, or nil if it cannot be loaded. Each is loaded once.
func (t *tracer) loaded(r Record, name string) *Model {
	if t.options.Models == nil || r.Content.Kind != ModelKind {
		return nil
	}
	key := name
	if name == "" {
		key = "\x00" + r.Content.Model.Name // embedded
	}
	m, there := t.models[key]
	if !there {
		m, _ = t.options.Models(t.ctx, name, r.Content.Model.Name) // nil with an error
		t.models[key] = m
	}
	return m
}

// differ says in what a file differs from the content that a record gives it, or returns "".
func (c Content) differ(found Content) string {
	switch {
	case c.Kind != found.Kind && found.Kind != "":
		return fmt.Sprintf("the record is of the kind %s, want %s", c.Kind, found.Kind)
	case c.Rows != nil && found.Rows != nil && c.Rows.Count != found.Rows.Count:
		return fmt.Sprintf("the file has %d rows, want %d", found.Rows.Count, c.Rows.Count)
	case c.Rows != nil && found.Rows != nil && !c.Rows.Root.IsZero() && c.Rows.Root != found.Rows.Root:
		return "the rows have another Merkle root: rows were changed or moved"
	case c.Rows != nil && found.Rows != nil && !c.Rows.Order.IsZero() && c.Rows.Order != found.Rows.Order:
		return "the rows have another digest of their order"
	case !c.Bytes.IsZero() && !found.Bytes.IsZero() && c.Bytes != found.Bytes:
		return "its bytes have another digest"
	case !found.Bytes.IsZero() && c.Size != found.Size:
		return fmt.Sprintf("it has %d bytes, want %d", found.Size, c.Size)
	case c.Model != nil && found.Model != nil:
		if d := c.Model.differ(*found.Model); d != "" {
			return fmt.Sprintf("the %s of the model differs", d)
		}
	}
	return ""
}
