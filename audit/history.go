package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
)

// Limits of a [History]. A larger graph is cut, and the history counts the rest.
const (
	maxHistory  = 64  // records
	maxEntries  = 40  // parents, steps and declared traits of a record
	maxNameText = 200 // bytes of a name
)

// History says where the rows of an arm come from, as the manifest beside their file states it, and
// how far a reader may rely on it. It changes no verdict. It is a short form of
// [provenance.Graph], so that a report can be rendered without the files.
type History struct {
	// Standing is that of all statements whose subject was not read in the run of the audit: how
	// rows and models were made, and from what.
	Standing provenance.Standing `json:"standing"`

	Records  []Origin         `json:"records"`            // the rows of the arm first; each after what was made from it
	Left     int              `json:"left,omitempty"`     // records that are left out
	Problems []HistoryProblem `json:"problems,omitempty"` // at most one of a kind for each record
}

// Origin is a file of rows or a model in a [History].
type Origin struct {
	Name string          `json:"name"` // of the file or of the model; not part of the digest of a report
	Kind provenance.Kind `json:"kind"`

	// Content identifies the rows in their order, the weights of a model, or the bytes of a file;
	// zero if none is known. Identity is its standing: verified if the audit computed it again.
	Content  undertone.Digest     `json:"content,omitzero"`
	Identity provenance.Standing  `json:"identity"`
	File     provenance.FileState `json:"file"`

	Rows         int              `json:"rows,omitempty"`            // of a file of rows
	Base         undertone.Digest `json:"base,omitzero"`             // declared weights from which a model was trained
	SystemPrompt undertone.Digest `json:"system_prompt,omitzero"`    // under which a model wrote the rows
	Declared     []string         `json:"declared_traits,omitempty"` // that the maker of the rows names
	By           string           `json:"by,omitempty"`              // verb or program that made it; absent if unknown
	Steps        []HistoryStep    `json:"steps,omitempty"`
	Parents      []HistoryParent  `json:"parents,omitempty"`
	Left         int              `json:"left,omitempty"` // declared traits, steps and parents that are left out
}

// HistoryStep is a filter, or another step, with its counts of rows.
type HistoryStep struct {
	Kind    provenance.StepKind `json:"kind"`
	Name    string              `json:"name"`
	In      int                 `json:"in"`
	Out     int                 `json:"out"`
	Dropped int                 `json:"dropped"`
	Changed int                 `json:"changed,omitempty"`
	Added   int                 `json:"added,omitempty"`
}

// HistoryParent is a link of a record to what it was made from.
type HistoryParent struct {
	Record int             `json:"record"` // index in [History.Records]
	Role   provenance.Role `json:"role"`
	Rows   int             `json:"rows,omitempty"` // rows that came from the parent
}

// HistoryProblem is something that a reader of a history should know.
type HistoryProblem struct {
	Kind   provenance.ProblemKind `json:"kind"`
	Record int                    `json:"record"`
}

// NewHistory returns the short form of a graph. It returns nil if the subject has no manifest.
func NewHistory(g *provenance.Graph) *History {
	if g == nil || len(g.Nodes) == 0 || slices.ContainsFunc(g.Problems, func(p provenance.Problem) bool { return p.Kind == provenance.NoManifest }) {
		return nil
	}
	h := &History{Left: max(0, len(g.Nodes)-maxHistory)}
	if len(g.Signers) > 0 {
		h.Standing = provenance.Signed
	}
	for _, n := range g.Nodes[:len(g.Nodes)-h.Left] {
		h.Records = append(h.Records, originOf(n, h.Standing))
	}
	for _, p := range g.Problems {
		if of := (HistoryProblem{p.Kind, p.Node}); p.Node < len(h.Records) && !slices.Contains(h.Problems, of) {
			h.Problems = append(h.Problems, of)
		}
	}
	return h
}

// originOf returns the short form of a node. Unverified is the standing of what is not verified.
func originOf(n provenance.Node, unverified provenance.Standing) Origin {
	o := Origin{Name: shortName(n.Path), Kind: n.Content.Kind, Identity: unverified, File: n.File}
	what := "bytes"
	o.Content = n.Content.Bytes
	if r := n.Content.Rows; r != nil {
		o.Rows = r.Count
		if !r.Order.IsZero() {
			o.Content, what = r.Order, "row order"
		}
	}
	if m := n.Content.Model; m != nil {
		o.Name, o.Base = shortName(m.Name), m.Base
		if o.Content.IsZero() {
			o.Content, what = m.Weights, "weights"
		}
	}
	for _, s := range n.Statements {
		if s.What == what && s.Standing == provenance.Verified {
			o.Identity = provenance.Verified
		}
	}
	for _, d := range n.Declared {
		o.Declared = append(o.Declared, shortName(d.Trait))
	}
	if m := n.Made; m != nil {
		o.By = shortName(m.By)
		if m.Generation != nil {
			o.SystemPrompt = m.Generation.SystemPrompt
		}
		for _, s := range m.Steps {
			o.Steps = append(o.Steps, HistoryStep{s.Kind, shortName(s.Name), s.In, s.Out, s.Dropped, s.Changed, s.Added})
		}
	}
	for _, e := range n.Edges {
		if e.Node < maxHistory {
			o.Parents = append(o.Parents, HistoryParent{e.Node, e.Role, e.Rows})
		} else {
			o.Left++
		}
	}
	o.Declared = shortList(o.Declared, &o.Left)
	o.Steps = shortList(o.Steps, &o.Left)
	o.Parents = shortList(o.Parents, &o.Left)
	return o
}

// shortList returns the first entries of a list and counts the others.
func shortList[E any](list []E, left *int) []E {
	n := min(len(list), maxEntries)
	*left += len(list) - n
	return list[:n]
}

// shortName returns a name of at most maxNameText bytes. Of a path it is the last element.
func shortName(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if len(name) <= maxNameText {
		return name
	}
	cut := maxNameText - len("…")
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "…"
}

// CheckHistories returns an error if the history of an arm is damaged or describes other rows.
func CheckHistories(suspect, control DataInfo) error {
	if err := suspect.History.check(suspect); err != nil {
		return fmt.Errorf("the history of the suspect rows: %w", err)
	}
	if err := control.History.check(control); err != nil {
		return fmt.Errorf("the history of the control rows: %w", err)
	}
	return nil
}

// check returns an error if the history exceeds a limit, contradicts itself, or is not that of the
// rows of an arm.
func (h *History) check(d DataInfo) error {
	if h == nil {
		return nil
	}
	if n := len(h.Records); n < 1 || n > maxHistory {
		return fmt.Errorf("it has %d records, want [1, %d]", n, maxHistory)
	}
	if first := h.Records[0]; first.Kind != provenance.RowsKind || first.Rows != d.Rows || first.Content != d.Order {
		return errors.New("it is that of other rows")
	}
	if h.Standing == provenance.Verified || h.Left < 0 {
		return fmt.Errorf("it has the standing %s and leaves out %d records", h.Standing, h.Left)
	}
	for i, o := range h.Records {
		if err := o.check(i, len(h.Records)); err != nil {
			return fmt.Errorf("record %d: %w", i, err)
		}
	}
	for _, p := range h.Problems {
		if p.Record < 0 || p.Record >= len(h.Records) {
			return fmt.Errorf("a problem is that of record %d of %d", p.Record, len(h.Records))
		}
	}
	return nil
}

// check returns an error if record i of n exceeds a limit or contradicts itself.
func (o Origin) check(i, n int) error {
	switch {
	case !slices.Contains([]provenance.Kind{provenance.RowsKind, provenance.ModelKind, provenance.AdapterKind}, o.Kind):
		return fmt.Errorf("its kind %.40q is unknown", o.Kind)
	case !slices.Contains([]provenance.FileState{provenance.FileVerified, provenance.FileStale, provenance.FileMissing, provenance.FileUnread}, o.File):
		return fmt.Errorf("the state %.40q of its file is unknown", o.File)
	case len(o.Steps) > maxEntries || len(o.Parents) > maxEntries || len(o.Declared) > maxEntries:
		return fmt.Errorf("it has %d steps, %d parents and %d declared traits, want at most %d of each", len(o.Steps), len(o.Parents), len(o.Declared), maxEntries)
	case o.Rows < 0 || o.Left < 0:
		return fmt.Errorf("it has %d rows and leaves out %d entries, want >= 0", o.Rows, o.Left)
	case o.Identity == provenance.Verified && o.File != provenance.FileVerified:
		return fmt.Errorf("its content is verified, but its file is %.20s", o.File)
	}
	for _, p := range o.Parents {
		if p.Record <= i || p.Record >= n || p.Rows < 0 {
			return fmt.Errorf("its parent is record %d with %d rows, want a later record of %d", p.Record, p.Rows, n)
		}
	}
	for _, s := range o.Steps {
		if s.In < 0 || s.Dropped < 0 || s.Added < 0 || s.Changed < 0 || s.Out != s.In-s.Dropped+s.Added {
			return fmt.Errorf("step %.40q: %d rows in, %d dropped, %d added and %d out", s.Name, s.In, s.Dropped, s.Added, s.Out)
		}
	}
	return nil
}

// ForgetNames clears the names of files and models, which are not part of the digest of a report.
func (d *DataInfo) ForgetNames() {
	d.Name = ""
	if d.History == nil {
		return
	}
	for i := range d.History.Records {
		d.History.Records[i].Name = ""
	}
}
