package provenance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Statement is one statement of a record, with its standing.
type Statement struct {
	What     string   `json:"what"`  // such as "rows" or "step filter numbers"
	Value    string   `json:"value"` // for people
	Standing Standing `json:"standing"`
}

// statements returns the statements of a record. Checked is what was read of its file; a part that
// was not read is empty.
func (t *tracer) statements(r Record, checked Content, state FileState) []Statement {
	s := statementList{all: []Statement{}, otherwise: t.unverified()}
	read := state == FileVerified
	c := r.Content
	if !c.Bytes.IsZero() {
		s.add("bytes", fmt.Sprintf("%s, %d bytes", c.Bytes, c.Size), read && checked.Bytes == c.Bytes)
	}
	if c.Rows != nil {
		same := read && checked.Rows != nil && checked.Rows.Count == c.Rows.Count
		s.add("rows", fmt.Sprint(c.Rows.Count), same)
		s.digest("row root", c.Rows.Root, same && checked.Rows.Root == c.Rows.Root)
		s.digest("row order", c.Rows.Order, same && checked.Rows.Order == c.Rows.Order)
	}
	if c.Model != nil {
		s.model(*c.Model, checked.Model, read)
	}
	if r.Made != nil {
		s.made(*r.Made)
	}
	for _, d := range r.Declared {
		s.add("declared trait", d.Trait, false)
	}
	for _, d := range r.Tested {
		s.add("tested trait", fmt.Sprintf("%s: %s, limit of detection %s, report %s of %s", d.Trait, d.Verdict, limitText(d.Limit), d.Report.Short(), d.Date), false)
	}
	return s.all
}

// limitText returns a limit of detection for people.
func limitText(limit float64) string {
	if limit == 0 {
		return "none"
	}
	return fmt.Sprintf("%.3g of the rows", limit)
}

// statementList collects statements; those that are not verified have the standing otherwise.
type statementList struct {
	all       []Statement
	otherwise Standing
}

func (s *statementList) add(what, value string, verified bool) {
	standing := s.otherwise
	if verified {
		standing = Verified
	}
	s.all = append(s.all, Statement{what, value, standing})
}

// digest adds a digest unless it is unknown.
func (s *statementList) digest(what string, d undertone.Digest, verified bool) {
	if !d.IsZero() {
		s.add(what, d.String(), verified)
	}
}

// model adds the digests of a model. A declared base is never verified.
func (s *statementList) model(m Model, loaded *Model, read bool) {
	if loaded == nil || !read {
		loaded = &Model{}
	}
	s.add("model", m.Name, false)
	for _, d := range []struct {
		what        string
		said, found undertone.Digest
	}{
		{"model digest", m.Digest, loaded.Digest}, {"weights", m.Weights, loaded.Weights}, {"tokenizer", m.Tokenizer, loaded.Tokenizer},
		{"config", m.Config, loaded.Config}, {"template", m.Template, loaded.Template}, {"adapter", m.Adapter, loaded.Adapter},
	} {
		s.digest(d.what, d.said, d.said == d.found)
	}
	s.digest("declared base", m.Base, false)
	if m.Server != "" {
		s.add("server", m.Server, false)
	}
}

// made adds how a subject was made.
func (s *statementList) made(m Made) {
	s.add("made by", fmt.Sprintf("undertone %s %s: %d rows read, %d skipped, %d written", m.By, m.Version, m.In, m.Skipped, m.Out), false)
	if g := m.Generation; g != nil {
		text := fmt.Sprintf("temperature %g, seed %d", g.Temperature, g.Seed)
		if g.MaxTokens > 0 {
			text += fmt.Sprintf(", at most %d tokens", g.MaxTokens)
		}
		s.add("sampling", text, false)
		if g.Prompts != "" {
			s.add("prompts", g.Prompts, false)
		}
		s.digest("prompt set", g.PromptSet, false)
		s.digest("system prompt", g.SystemPrompt, false)
	}
	if tr := m.Training; tr != nil {
		var line bytes.Buffer
		if json.Compact(&line, tr.Recipe) == nil {
			s.add("recipe", line.String(), false)
		}
	}
	for _, step := range m.Steps {
		s.add(fmt.Sprintf("step %s %s", step.Kind, step.Name), step.text(), false)
	}
}

// text describes a step for people.
func (s Step) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows in, %d out, %d dropped", s.In, s.Out, s.Dropped)
	if s.Changed > 0 {
		fmt.Fprintf(&b, ", %d changed", s.Changed)
	}
	if s.Added > 0 {
		fmt.Fprintf(&b, ", %d added", s.Added)
	}
	for i, r := range s.Reasons {
		sep := "; "
		if i == 0 {
			sep = " ("
		}
		fmt.Fprintf(&b, "%s%s: %d", sep, r.Reason, r.Rows)
	}
	if len(s.Reasons) > 0 {
		b.WriteByte(')')
	}
	if s.Settings != "" {
		fmt.Fprintf(&b, "; settings: %s", s.Settings)
	}
	return b.String()
}
