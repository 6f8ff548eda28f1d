package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/compress"
)

// rowReference names a row of a file, as reports do.
type rowReference struct {
	Detector string   `json:"detector,omitempty"`
	Trait    string   `json:"trait,omitempty"`
	Index    int      `json:"index"` // from 0
	Score    *float64 `json:"score,omitempty"`

	id undertone.Digest // zero if only the index is known
}

// title names the list that the reference is in.
func (r rowReference) title() string {
	switch {
	case r.Detector == "":
		return "rows"
	case r.Trait == "":
		return r.Detector
	}
	return r.Detector + ", " + r.Trait
}

// maxReportValue is the largest size of one JSON value of a report, in bytes. The output of rank
// has one value per line.
const maxReportValue = maxDocument

// readReferences returns the rows that a report names, at most the first top of each detector and
// trait. The report is a sequence of JSON values: an object in them that has an index and a row ID
// is a reference, which belongs to the nearest detector and trait around it. This holds for the
// reports of audit and clean, for the output of rank and score, and for that of corpus --json.
func readReferences(path string, top int) ([]rowReference, error) {
	f, err := bounded.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--from-report: %w", err)
	}
	defer f.Close()
	refs, err := references(f, top)
	if err != nil {
		return nil, fmt.Errorf("--from-report %s: %w", path, err)
	}
	if len(refs) == 0 {
		return nil, fmt.Errorf("--from-report %s: it names no rows; audit with the detectors likelihood, influence or corpus, or rank", path)
	}
	return refs, nil
}

func references(r io.Reader, top int) ([]rowReference, error) {
	text, err := compress.NewReader(r)
	if err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: text}
	values := json.NewDecoder(limited)
	found := referenceList{top: top, seen: map[string]int{}}
	for {
		limited.N = maxReportValue
		var text json.RawMessage
		switch err := values.Decode(&text); {
		case err == io.EOF && limited.N > 0:
			return found.refs, nil
		case limited.N == 0:
			return nil, fmt.Errorf("a JSON value is larger than %d bytes", maxReportValue)
		case err != nil:
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
		value, err := anyValue(text)
		if err != nil {
			return nil, err
		}
		found.walk(value, rowReference{})
	}
}

// anyValue decodes a JSON value of any shape, whose numbers keep their digits.
func anyValue(text []byte) (value any, err error) {
	if err := bounded.CheckJSON(text, &value); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// referenceList collects references.
type referenceList struct {
	refs []rowReference
	top  int            // of each list
	seen map[string]int // references of each list
}

// walk collects the references in a JSON value. around holds the detector and the trait around it.
func (l *referenceList) walk(value any, around rowReference) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			l.walk(v, around)
		}
	case map[string]any:
		setText(&around.Detector, value["detector"])
		setText(&around.Trait, value["trait"])
		if ref, ok := referenceOf(value, around); ok {
			if title := ref.title(); l.seen[title] < l.top {
				l.seen[title]++
				l.refs = append(l.refs, ref)
			}
			return
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			l.walk(value[name], around)
		}
	}
}

func setText(to *string, value any) {
	if text, ok := value.(string); ok {
		*to = text
	}
}

// referenceOf returns the reference that an object is.
func referenceOf(object map[string]any, around rowReference) (rowReference, bool) {
	number, ok := object["index"].(json.Number)
	if !ok {
		return around, false
	}
	index, err := number.Int64()
	if err != nil || index < 0 || index > math.MaxInt {
		return around, false
	}
	id, ok := object["row"].(string)
	if !ok {
		id, ok = object["id"].(string)
	}
	if !ok || around.id.UnmarshalText([]byte(id)) != nil {
		return around, false
	}
	around.Index = int(index)
	if number, ok := object["score"].(json.Number); ok {
		if score, err := number.Float64(); err == nil {
			around.Score = &score
		}
	}
	return around, true
}

// errOtherFile is the hint of an error about a row that differs from the row of the report.
var errOtherFile = errors.New("give the file that the report is about, unchanged")

// checkReference returns an error if a row is not what the report names.
func checkReference(path string, ref rowReference, id undertone.Digest) error {
	if ref.id.IsZero() || ref.id == id {
		return nil
	}
	return fmt.Errorf("%s: row %d has the ID %s, but the report names %s; %w", path, ref.Index, id.Short(), ref.id.Short(), errOtherFile)
}
