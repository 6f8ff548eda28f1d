package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone/internal/escape"
)

// Format is a way to write a report.
type Format int

// The formats of a report. Text and Markdown are for people and may change; JSON has a versioned
// schema.
const (
	Text     Format = iota // for a terminal
	Markdown               // for a pull request
	JSON                   // for programs
)

// Render writes a report in a format: report as JSON, or what text or markdown writes of a copy of
// the report whose texts (names of data sets and traits, words of rows, reasons) were made safe to
// show: see package escape. kind names the report in errors.
func Render[R any](w io.Writer, f Format, kind string, report *R, text, markdown func(*R, io.Writer)) error {
	var b bytes.Buffer
	switch f {
	case Text:
		text(escape.Strings(report, escape.Text), &b)
	case Markdown:
		markdown(escape.Strings(report, escape.Markdown), &b)
	case JSON:
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(report); err != nil {
			return fmt.Errorf("audit: %s: %w", kind, err)
		}
	default:
		return fmt.Errorf("audit: %s: format %d is not known", kind, f)
	}
	form := b.Bytes()
	if f == JSON {
		form = escape.JSON(form)
	}
	if _, err := w.Write(form); err != nil {
		return fmt.Errorf("audit: %s: %w", kind, err)
	}
	return nil
}
