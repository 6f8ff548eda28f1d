package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone/audit/internal/document"
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

// Render writes a report in the format: value as JSON, or what text or markdown writes, with
// control characters replaced. kind names the report in errors.
func (f Format) Render(w io.Writer, kind string, value any, text, markdown func(io.Writer)) error {
	var b bytes.Buffer
	switch f {
	case Text:
		text(&b)
	case Markdown:
		markdown(&b)
	case JSON:
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(value); err != nil {
			return fmt.Errorf("audit: %s: %w", kind, err)
		}
	default:
		return fmt.Errorf("audit: %s: format %d is not known", kind, f)
	}
	form := b.Bytes()
	if f != JSON { // which escapes control characters
		form = bytes.Map(document.Printable, form)
	}
	if _, err := w.Write(form); err != nil {
		return fmt.Errorf("audit: %s: %w", kind, err)
	}
	return nil
}
