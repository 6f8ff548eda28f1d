package provenance

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// Limits of a manifest.
const (
	maxManifest  = 4 << 20 // bytes of its JSON
	maxAncestors = 1000
	maxParents   = 1000 // of a record
	maxItems     = 1000 // of each list of a record
	maxText      = 4096 // bytes of a text
)

// check returns an error if the manifest contradicts itself or exceeds a limit.
func (m *Manifest) check() error {
	if len(m.Ancestors) > maxAncestors {
		return fmt.Errorf("it has %d ancestors, want at most %d", len(m.Ancestors), maxAncestors)
	}
	if err := m.Subject.check(); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	for i := range m.Ancestors {
		if err := m.Ancestors[i].check(); err != nil {
			return fmt.Errorf("ancestor %d: %w", i, err)
		}
	}
	return m.checkLinks()
}

// checkLinks returns an error unless the ancestors are exactly the records that can be reached from
// the subject, each once and after its children. Such links have no cycle.
func (m *Manifest) checkLinks() error {
	at := map[undertone.Digest]int{}
	for i, a := range m.Ancestors {
		id, err := a.ID()
		if err != nil {
			return err
		}
		if k, there := at[id]; there {
			return fmt.Errorf("ancestors %d and %d are one record", k, i)
		}
		at[id] = i
	}
	reached := make([]bool, len(m.Ancestors))
	follow := func(what string, from int, parents []Parent) error {
		for _, p := range parents {
			i, there := at[p.Record]
			switch {
			case !there:
				return fmt.Errorf("%s: the parent %s is not among the ancestors", what, p.Record.Short())
			case i <= from:
				return fmt.Errorf("%s: the parent %s is not listed after it", what, p.Record.Short())
			}
			reached[i] = true
		}
		return nil
	}
	if err := follow("subject", -1, m.Subject.Parents); err != nil {
		return err
	}
	if err := m.Subject.checkRead(m.Ancestors, at); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	for i, a := range m.Ancestors {
		if !reached[i] {
			return fmt.Errorf("ancestor %d is not an ancestor of the subject", i)
		}
		if err := a.checkRead(m.Ancestors, at); err != nil {
			return fmt.Errorf("ancestor %d: %w", i, err)
		}
		if err := follow(fmt.Sprintf("ancestor %d", i), i, a.Parents); err != nil {
			return err
		}
	}
	return nil
}

// checkRead returns an error if a record was made from more rows than its parents have. At holds
// the index of each record.
func (r Record) checkRead(records []Record, at map[undertone.Digest]int) error {
	if r.Made == nil || r.Content.Kind != RowsKind || !slices.ContainsFunc(r.Parents, func(p Parent) bool { return p.Role == RowsRole }) {
		return nil
	}
	there := 0
	for _, p := range r.Parents {
		if i, known := at[p.Record]; known && records[i].Content.Rows != nil && (p.Role == RowsRole || p.Role == OtherArmRole) {
			there = min(there, math.MaxInt-records[i].Content.Rows.Count) + records[i].Content.Rows.Count
		}
	}
	if r.Made.In > there {
		return fmt.Errorf("it was made from %d rows, but its parents have %d", r.Made.In, there)
	}
	return nil
}

// check returns an error if a record contradicts itself or exceeds a limit.
func (r *Record) check() error {
	if err := errors.Join(checkText("path", r.Path, 0), r.Content.check()); err != nil {
		return err
	}
	if len(r.Parents) > maxParents {
		return fmt.Errorf("it has %d parents, want at most %d", len(r.Parents), maxParents)
	}
	if len(r.Declared) > maxItems || len(r.Tested) > maxItems {
		return fmt.Errorf("it has %d declared and %d tested traits, want at most %d of each", len(r.Declared), len(r.Tested), maxItems)
	}
	for _, t := range r.Declared {
		if err := errors.Join(checkText("declared trait", t.Trait, 1), checkText("source of a trait", t.Source, 0)); err != nil {
			return err
		}
	}
	for _, t := range r.Tested {
		if err := t.check(); err != nil {
			return err
		}
	}
	if err := r.checkParents(); err != nil {
		return err
	}
	if r.Made == nil {
		if len(r.Parents) > 0 {
			return errors.New("it has parents, but does not say how it was made")
		}
		return nil
	}
	return r.Made.check(r.Content)
}

// checkParents returns an error if the shares of the parents do not add up to the rows.
func (r *Record) checkParents() error {
	rows := 0
	for _, p := range r.Parents {
		switch {
		case !slices.Contains([]Role{RowsRole, ValuesRole, GeneratorRole, PromptsRole, TrainingRole, BaseRole, AdapterRole, OtherArmRole}, p.Role):
			return fmt.Errorf("the role %.40q of a parent is unknown", p.Role)
		case p.Rows < 0:
			return fmt.Errorf("a parent gave %d rows, want >= 0", p.Rows)
		case p.Rows > 0 && p.Role != RowsRole && p.Role != OtherArmRole && p.Role != GeneratorRole:
			return fmt.Errorf("a parent of the role %q gave %d rows, want 0", p.Role, p.Rows)
		case p.Record.IsZero():
			return errors.New("a parent has no record")
		}
		if rows > math.MaxInt-p.Rows {
			return errors.New("the shares of the parents exceed the largest number")
		}
		rows += p.Rows
	}
	if r.Content.Kind != RowsKind {
		if rows > 0 {
			return fmt.Errorf("its parents gave %d rows, but it is no file of rows", rows)
		}
		return nil
	}
	// Rows that a step added may come from a parent, such as those of the control.
	count, added := r.Content.Rows.Count, r.Made.added()
	if len(r.Parents) > 0 && (rows > count || count-rows > added) {
		return fmt.Errorf("its parents gave %d rows and its steps added %d, but it has %d", rows, added, count)
	}
	return nil
}

// added returns the rows that the steps added.
func (m *Made) added() int {
	if m == nil {
		return 0
	}
	n := 0
	for _, s := range m.Steps {
		n += s.Added
	}
	return n
}

func (c Content) check() error {
	if c.Size < 0 {
		return fmt.Errorf("its size is %d bytes, want >= 0", c.Size)
	}
	switch c.Kind {
	case RowsKind:
		if c.Rows == nil || c.Model != nil {
			return errors.New("it is a file of rows, and must have rows and no model")
		}
		if c.Rows.Count < 0 {
			return fmt.Errorf("it has %d rows, want >= 0", c.Rows.Count)
		}
		if c.Bytes.IsZero() {
			return errors.New("it is a file of rows without the digest of its bytes")
		}
		if c.Rows.Root.IsZero() != c.Rows.Order.IsZero() {
			return errors.New("its rows have one of the digests root and order, want both or none")
		}
		return checkText("reading", c.Rows.Reading, 0)
	case ModelKind, AdapterKind:
		if c.Rows != nil || c.Model == nil {
			return errors.New("it is a model, and must have a model and no rows")
		}
		return errors.Join(checkText("name of a model", c.Model.Name, 1), checkText("server", c.Model.Server, 0))
	}
	return fmt.Errorf("its kind %.40q is unknown", c.Kind)
}

func (m *Made) check(c Content) error {
	if err := errors.Join(checkText("program", m.By, 1), checkText("version", m.Version, 1)); err != nil {
		return err
	}
	want := 0
	if c.Rows != nil {
		want = c.Rows.Count
	}
	switch {
	case m.In < 0 || m.Skipped < 0 || m.Out < 0:
		return fmt.Errorf("it was made from %d rows, of them %d skipped, into %d; want >= 0", m.In, m.Skipped, m.Out)
	case m.Skipped > m.In:
		return fmt.Errorf("%d of %d rows were skipped", m.Skipped, m.In)
	case m.Out != want:
		return fmt.Errorf("it was made into %d rows, but has %d", m.Out, want)
	case len(m.Steps) > maxItems:
		return fmt.Errorf("it has %d steps, want at most %d", len(m.Steps), maxItems)
	}
	for i := range m.Steps {
		if err := m.Steps[i].check(); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	if g := m.Generation; g != nil {
		if err := checkText("prompts", g.Prompts, 0); err != nil {
			return err
		}
		if !(g.Temperature >= 0) || g.MaxTokens < 0 {
			return fmt.Errorf("its temperature is %v and its largest number of tokens %d, want >= 0", g.Temperature, g.MaxTokens)
		}
		return nil
	}
	if c.Kind == RowsKind {
		return m.checkSteps()
	}
	return nil
}

// checkSteps returns an error if the counts of the steps do not lead from In to Out. Filters read
// the same rows; other steps read what the step before has written.
func (m *Made) checkSteps() error {
	rows := m.In - m.Skipped
	for i := 0; i < len(m.Steps); {
		if m.Steps[i].Kind != FilterStep {
			if m.Steps[i].In != rows {
				return fmt.Errorf("step %d reads %d rows, but there are %d", i, m.Steps[i].In, rows)
			}
			rows = m.Steps[i].Out
			i++
			continue
		}
		most, least := rows, rows
		for ; i < len(m.Steps) && m.Steps[i].Kind == FilterStep; i++ {
			if m.Steps[i].In != rows {
				return fmt.Errorf("step %d reads %d rows, but there are %d", i, m.Steps[i].In, rows)
			}
			most, least = min(most, m.Steps[i].Out), least-m.Steps[i].Dropped
		}
		if i < len(m.Steps) {
			return errors.New("a step follows the filters of one run")
		}
		if m.Out > most || m.Out < least {
			return fmt.Errorf("its filters keep between %d and %d of %d rows, but it has %d", max(0, least), most, rows, m.Out)
		}
		return nil
	}
	if len(m.Steps) > 0 && rows != m.Out {
		return fmt.Errorf("its steps leave %d rows, but it has %d", rows, m.Out)
	}
	return nil
}

func (s Step) check() error {
	if err := errors.Join(checkText("name of a step", s.Name, 1), checkText("settings of a step", s.Settings, 0)); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]StepKind{FilterStep, SanitiseStep, MatchStep, CleanStep, SelectStep}, s.Kind):
		return fmt.Errorf("its kind %.40q is unknown", s.Kind)
	case s.In < 0 || s.Out < 0 || s.Dropped < 0 || s.Changed < 0 || s.Added < 0:
		return fmt.Errorf("a count is negative: in %d, out %d, dropped %d, changed %d, added %d", s.In, s.Out, s.Dropped, s.Changed, s.Added)
	case s.Dropped > s.In || s.Changed > s.In || s.In-s.Dropped > math.MaxInt-s.Added || s.In-s.Dropped+s.Added != s.Out:
		return fmt.Errorf("the counts do not add up: in %d, dropped %d, changed %d, added %d, out %d", s.In, s.Dropped, s.Changed, s.Added, s.Out)
	case len(s.Reasons) > maxItems:
		return fmt.Errorf("it has %d reasons, want at most %d", len(s.Reasons), maxItems)
	}
	for _, r := range s.Reasons {
		if err := checkText("reason", r.Reason, 1); err != nil {
			return err
		}
		if r.Rows < 1 || r.Rows > s.Dropped {
			return fmt.Errorf("the reason %.80q dropped %d rows, but the step dropped %d", r.Reason, r.Rows, s.Dropped)
		}
	}
	return nil
}

func (t Test) check() error {
	if err := checkText("tested trait", t.Trait, 1); err != nil {
		return err
	}
	if !slices.Contains([]string{"detected", "undetected", "inconclusive"}, t.Verdict) {
		return fmt.Errorf("the verdict %.40q on the trait %.80q is unknown", t.Verdict, t.Trait)
	}
	if !(t.Limit >= 0 && t.Limit <= 1) {
		return fmt.Errorf("the limit of detection of the trait %.80q is %v, want a share in [0, 1]", t.Trait, t.Limit)
	}
	if t.Report.IsZero() {
		return fmt.Errorf("the test of the trait %.80q names no report", t.Trait)
	}
	if _, err := time.Parse(time.DateOnly, t.Date); err != nil {
		return fmt.Errorf("the date %.40q of the test of the trait %.80q is not like 2026-11-27", t.Date, t.Trait)
	}
	return nil
}

// checkText returns an error if a text is longer than the limit or shorter than least bytes.
func checkText(what, text string, least int) error {
	switch {
	case len(text) < least:
		return fmt.Errorf("the %s is empty", what)
	case len(text) > maxText:
		return fmt.Errorf("the %s has %d bytes, want at most %d", what, len(text), maxText)
	case !utf8.ValidString(text):
		return fmt.Errorf("the %s is not UTF-8", what)
	}
	return nil
}
