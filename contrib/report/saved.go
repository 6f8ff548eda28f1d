package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/internal/compress"
)

// MaxBytes is the largest size of a saved report, in bytes after decompression.
const MaxBytes = 64 << 20

// Saved is a report that was read and checked. One field is set.
type Saved struct {
	Audit     *audit.Report
	Factorial *factorial.Report
	Corpus    *corpus.Result
	Clean     *clean.DoseResponse
	Ranking   Ranking
}

// Read reads a saved report of any schema, plain or compressed, and checks it as strictly as the
// package that wrote it. A ranking has no schema and no digest.
func Read(r io.Reader) (*Saved, error) {
	s, _, err := ReadAtMost(r, MaxBytes)
	return s, err
}

// ReadAtMost reads a saved report as [Read] does, and at most so many bytes after decompression. It
// also returns how many it read.
func ReadAtMost(r io.Reader, most int) (s *Saved, read int, err error) {
	most = min(most, MaxBytes)
	plain, err := compress.NewDocumentReader(r)
	if err != nil {
		return nil, 0, err
	}
	text, err := io.ReadAll(io.LimitReader(plain, int64(most)+1))
	if err != nil {
		return nil, len(text), err
	}
	if len(text) > most {
		return nil, len(text), fmt.Errorf("it has more than %d bytes: %w", most, ErrTooLarge)
	}
	s, err = parse(text)
	return s, len(text), err
}

// ErrTooLarge is the error of a report with more bytes than are read.
var ErrTooLarge = errors.New("too large for a report")

func parse(text []byte) (s *Saved, err error) {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("it is empty")
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, errors.New("it is UTF-16; save it as UTF-8")
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return nil, errors.New("it begins with a byte order mark; save it as UTF-8 without one")
	}
	s = new(Saved)
	r := bytes.NewReader(text)
	switch schema := audit.SchemaOf(text); schema {
	case audit.Schema:
		s.Audit, err = audit.ReadReport(r)
	case factorial.Schema:
		s.Factorial, err = factorial.ReadReport(r)
	case corpus.Schema:
		s.Corpus, err = corpus.ReadResult(r)
	case clean.Schema:
		s.Clean, err = clean.ReadDoseResponse(r)
	case "":
		if err = wellFormed(text); err == nil {
			s.Ranking, err = readRanking(text)
		}
	default:
		err = fmt.Errorf("its schema is %.60q; want %s, %s, %s, %s or a ranking", schema, audit.Schema, factorial.Schema, corpus.Schema, clean.Schema)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// errSurrounded is the error of a report that is not alone.
var errSurrounded = errors.New("there is other text before or behind a report: give the JSON of one report")

// wellFormed returns an error if a text is no sequence of JSON values, holds a report and anything
// else, or is one value that is neither a report nor a row of a ranking.
func wellFormed(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	var value json.RawMessage
	values, report := 0, false
	for ; ; values++ {
		switch err := d.Decode(&value); {
		case report && (err != io.EOF || values > 1):
			return errSurrounded
		case err == io.EOF:
			if values == 1 && !isRanked(value) {
				return errors.New("it is not a report: its JSON has no field \"schema\", and it is not a row of a ranking")
			}
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("it is cut off: its JSON ends in the middle of a value, at byte %d", len(text))
		case err != nil:
			return fmt.Errorf("it is not JSON: %w", err)
		}
		report = report || hasFields(value, "schema")
	}
}

// isRanked reports whether a JSON value looks like a row of a ranking.
func isRanked(value []byte) bool { return hasFields(value, "index", "score") }

// hasFields reports whether a JSON value is an object with such fields.
func hasFields(value []byte, names ...string) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(value, &fields) != nil {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool { return fields[name] == nil })
}

// Page returns the report in the form from which all formats are written.
func (s *Saved) Page(o Options) *Page {
	switch {
	case s.Audit != nil:
		return auditPage(s.Audit)
	case s.Factorial != nil:
		return factorialPage(s.Factorial)
	case s.Corpus != nil:
		return corpusPage(s.Corpus)
	case s.Clean != nil:
		return cleanPage(s.Clean)
	}
	return rankPage(s.Ranking, o.Tokens)
}

// Outcome returns the outcome of the report for a gate.
func (s *Saved) Outcome() Tone {
	switch {
	case s.Audit != nil:
		return toneOf(s.Audit.Verdict)
	case s.Factorial != nil:
		return toneOf(s.Factorial.Verdict)
	case s.Corpus != nil:
		return corpusReport{s.Corpus}.tone()
	case s.Clean != nil:
		return toneOf(cleanReport{s.Clean}.last().Verdict)
	}
	return Neutral
}
