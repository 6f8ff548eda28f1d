package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/internal/compress"
)

// MaxBytes is the largest size of a saved report, in bytes after decompression.
const MaxBytes = 64 << 20

// Saved is a report that was read and checked. One field is set.
type Saved struct {
	Audit     *audit.Report
	Factorial *factorial.Report
}

// Read reads a saved report of any schema, plain or compressed, and checks it as strictly as the
// package that wrote it.
func Read(r io.Reader) (*Saved, error) {
	plain, err := compress.NewReader(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(plain, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("it has more than the %d bytes of a report", MaxBytes)
	}
	return parse(text)
}

func parse(text []byte) (s *Saved, err error) {
	s = new(Saved)
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("it is empty")
	}
	switch audit.SchemaOf(text) {
	case factorial.Schema:
		s.Factorial, err = factorial.ReadReport(bytes.NewReader(text))
	default:
		s.Audit, err = audit.ReadReport(bytes.NewReader(text))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Page returns the report in the form from which all formats are written.
func (s *Saved) Page() *Page {
	switch {
	case s.Audit != nil:
		return auditPage(s.Audit)
	}
	return nil
}
