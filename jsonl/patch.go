package jsonl

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// edit replaces text[start:end] of a line by value.
type edit struct {
	start, end int
	value      string
}

// patch writes e.Source, which was parsed and reads as read in the shape, with the texts, the
// generator and the metadata of e. It reports whether the result reads as e; otherwise it has
// written nothing that counts.
func (w *Writer) patch(read, e undertone.Example, shape Shape) bool {
	d := &w.decoder
	if len(read.Messages) != len(e.Messages) || checkText(e) != nil {
		return false
	}
	edits, ok := w.texts(read, e)
	if !ok {
		return false
	}
	edits, added, ok := w.metadata(read, e, edits)
	if !ok {
		return false
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	line, at := w.encoder.line[:0], 0
	for _, c := range edits {
		if c.start < at {
			return false
		}
		line = append(append(line, e.Source[at:c.start]...), c.value...)
		at = c.end
	}
	brace := strings.LastIndexByte(e.Source, '}')
	line = append(append(line, e.Source[at:brace]...), added...)
	w.encoder.line = append(line, e.Source[brace:]...)

	patched := string(w.encoder.line)
	if d.parse(patched) != nil || !d.hasAll(shape) {
		return false
	}
	var again undertone.Example
	return d.example(shape, &again) == nil && same(&again, &e)
}

// texts returns the edits that turn the texts of read into those of e; false if a text has no spot.
func (w *Writer) texts(read, e undertone.Example) (edits []edit, ok bool) {
	replace := func(turn int, field undertone.Field, old, text string) bool {
		if old == text {
			return true
		}
		n := len(edits)
		edits = w.replace(edits, turn, field, text)
		return len(edits) > n
	}
	for i := range e.Messages {
		a, b := &read.Messages[i], &e.Messages[i]
		if !replace(i, undertone.Content, a.Content, b.Content) || !replace(i, undertone.Reasoning, a.Reasoning, b.Reasoning) {
			return nil, false
		}
	}
	if !replace(rejectedAnswer, undertone.Content, read.Rejected, e.Rejected) {
		return nil, false
	}
	return edits, true
}

// replace returns edits and those that write a text to its spots: to the first of each copy, and
// nothing to the others.
func (w *Writer) replace(edits []edit, turn int, field undertone.Field, text string) []edit {
	var written [2 * repeats]bool
	for _, s := range w.decoder.spots {
		if s.turn != turn || s.field != field {
			continue
		}
		value := `""`
		if !written[s.copy] {
			written[s.copy] = true
			value = string(appendString(nil, text))
		}
		edits = append(edits, edit{s.start, s.end, value})
	}
	return edits
}

// metadata returns edits and those that turn the metadata and the generator of read into those of
// e, and the text of fields to add.
func (w *Writer) metadata(read, e undertone.Example, edits []edit) (all []edit, added string, ok bool) {
	var b strings.Builder
	for name := range read.Meta {
		if _, ok := e.Meta[name]; !ok {
			return nil, "", false
		}
	}
	if e.Generator != read.Generator {
		if e.Generator == "" {
			return nil, "", false
		}
		edits = w.set(edits, &b, "generator", string(appendString(nil, e.Generator)))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Meta)) {
		value := e.Meta[name]
		if old, ok := read.Meta[name]; ok && string(old) == string(value) {
			continue
		}
		if value == nil {
			value = json.RawMessage("null")
		}
		if !json.Valid(value) {
			return nil, "", false
		}
		// Line feeds are between tokens, because strings escape them.
		edits = w.set(edits, &b, name, strings.ReplaceAll(string(value), "\n", ""))
	}
	return edits, b.String(), true
}

// set returns edits and an edit that sets a top-level field, which it appends to added if the line
// lacks the field.
func (w *Writer) set(edits []edit, added *strings.Builder, name, value string) []edit {
	for _, f := range w.decoder.fields {
		if f.name == name {
			return append(edits, edit{f.start, f.end, value})
		}
	}
	added.WriteByte(',') // a row has at least one field
	added.Write(appendString(nil, name))
	added.WriteByte(':')
	added.WriteString(value)
	return edits
}
