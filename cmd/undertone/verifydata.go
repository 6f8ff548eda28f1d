package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/lineage"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// dataFlags apply a policy to rows before a student is trained on them.
type dataFlags struct {
	Data    string `file:"read" group:"Policy:" placeholder:"FILE" help:"Rows to be trained on. With --policy, their manifest, the reports and the envelopes decide whether they may be used; without it, each envelope must be about them."`
	Policy  string `file:"read" group:"Policy:" placeholder:"FILE" help:"What is demanded of the rows, as JSON; docs/provenance.md describes it."`
	Student string `file:"read" group:"Policy:" placeholder:"DIR|tiny" help:"Student that will be trained: a folder, or an embedded model (${embedded})."`
	Control string `file:"read" group:"Policy:" placeholder:"FILE" help:"Rows of the control with which the rows were audited: who wrote them, and their keep rates, are compared with those of the data."`

	Generators []string `file:"read" name:"generator" group:"Policy:" placeholder:"DIR|tiny" help:"Models that wrote the rows, as their manifest names them: the base of each is compared with that of the student by weights and answers (default by digests, which never say that two models are unrelated)."`

	Adapters []string `file:"read" name:"generator-adapter" group:"Policy:" placeholder:"DIR" help:"Adapters with which these models wrote the rows: the first is that of the first --generator, and so on."`

	LoRA *int   `range:"[0, 65536]" name:"lora" group:"Policy:" placeholder:"RANK" help:"Rank of the LoRA adapter with which the student was audited, in [0, 65536]; 0 for all weights (default that of audit)."`
	Seed uint64 `group:"Policy:" placeholder:"N" default:"1" help:"Seed of the audit, on which the first matrices of LoRA depend (default ${default})."`

	Template string `file:"read" group:"Policy:" placeholder:"NAME|FILE" help:"Chat template with which the student was audited: a name or a file, as for audit (default that of the model)."`
	Adapter  string `file:"read" group:"Policy:" placeholder:"DIR" help:"Adapter with which the student was audited (default none)."`
	LongRows string `group:"Policy:" placeholder:"RULE" enum:"cut,skip,refuse" default:"cut" help:"Rule for long rows with which the student was audited: cut, skip or refuse (default ${default})."`

	rootFlag  `group:"Policy:"`
	readFlags `group:"Policy:"`
}

// checkedData is the summary for --json.
type checkedData struct {
	Data     string               `json:"data"`
	Allowed  bool                 `json:"allowed"`
	Refusals []provenance.Refusal `json:"refusals"` // never null
	Problems []provenance.Problem `json:"problems"` // of the history; never null

	Generators []comparedGenerator `json:"generators"`      // those of --generator; never null
	Notes      []string            `json:"notes,omitempty"` // on models of --generator that do not count
}

// comparedGenerator says how a model of --generator is related to the student, and why.
type comparedGenerator struct {
	Name      string        `json:"name"` // as the flag has it
	Grade     lineage.Grade `json:"grade"`
	Statement string        `json:"statement"`
	model     provenance.Model
}

// given reports whether there is a policy to apply, or returns an error that names the missing
// flag.
func (f dataFlags) given() (bool, error) {
	if len(f.Adapters) > len(f.Generators) {
		return false, fmt.Errorf("--generator-adapter names %d adapters for %d models; name the model of each with --generator", len(f.Adapters), len(f.Generators))
	}
	if f.Policy == "" && f.Student == "" && f.Control == "" && len(f.Generators) == 0 {
		return false, nil
	}
	if f.Data == "" || f.Policy == "" || f.Student == "" {
		return false, errors.New("--data, --policy and --student need each other: the rows, what is demanded of them, and the model that will be trained")
	}
	return true, nil
}

// trained returns the student as an audit trains it: its digest covers the untrained adapter.
func (f dataFlags) trained() (*lm.Model, error) {
	s := studentFlags{
		Student: f.Student, LoRA: f.LoRA, Seed: f.Seed, longRowsFlag: longRowsFlag{f.LongRows},
		templateFlag: templateFlag{Template: f.Template, adapterFlag: adapterFlag{f.Adapter}},
	}
	m, _, err := s.student(student.Recipe{})
	return m, err
}

// relations are those that the grades of a comparison stand for.
var relations = map[lineage.Grade]provenance.Relation{
	lineage.Shared: provenance.SharedBase, lineage.Matched: provenance.MatchedBehaviour,
	lineage.Unrelated: provenance.Unrelated, lineage.Unknown: provenance.UnknownBase,
}

// compared compares the models of --generator, with their adapters, with the student by weights and
// answers.
func (f dataFlags) compared(ctx context.Context, student *lm.Model) ([]comparedGenerator, error) {
	all := []comparedGenerator{}
	for i, name := range f.Generators {
		var with adapterFlag
		if i < len(f.Adapters) {
			with.Adapter = f.Adapters[i]
		}
		m, err := with.load(name)
		if err != nil {
			return nil, fmt.Errorf("--generator: %w", err)
		}
		model := *modelOf(m)
		if m, err = m.Merge(); err != nil { // what is compared is what wrote the rows
			return nil, fmt.Errorf("--generator %s: %w", name, err)
		}
		grade, statement, err := lineage.SharesBase(ctx, m, student)
		if err != nil {
			return nil, fmt.Errorf("--generator %s: %w", name, err)
		}
		all = append(all, comparedGenerator{name, grade, statement, model})
	}
	return all, nil
}

// relation says how a generator in a manifest and the student are related: by their digests, and
// for a generator that was compared by the comparison. A model that differs in a part, such as the
// adapter or the chat template, is another generator.
func (r checkedData) relation(generator, student provenance.Model) provenance.Relation {
	same := provenance.SameBase(generator, student)
	for _, g := range r.Generators {
		if same == provenance.UnknownBase && g.model.Same(generator) {
			return relations[g.Grade]
		}
	}
	return same
}

// notCompared says why each model of --generator that did not write the rows does not count.
func (r checkedData) notCompared(g *provenance.Graph) (notes []string) {
	wrote := g.Generators()
	for _, given := range r.Generators {
		if slices.ContainsFunc(wrote, given.model.Same) {
			continue
		}
		why := "by the history of the rows it wrote none of them"
		for _, m := range wrote {
			if m.Weights == given.model.Weights && !m.Weights.IsZero() {
				why = fmt.Sprintf("the %s of %q, which wrote the rows, differs; give the folder as it was, and its adapter with --generator-adapter", given.model.Differ(m), m.Name)
			}
		}
		notes = append(notes, fmt.Sprintf("--generator %s does not count: %s", given.Name, why))
	}
	return notes
}

// check applies the policy. The evidence has the reports and signatures that verify has checked.
// The exit code is 1 if the rows are refused.
func (f dataFlags) check(ctx context.Context, c console, now time.Time, e provenance.Evidence, asJSON bool) error {
	policy, err := readPolicy(f.Policy)
	if err != nil {
		return err
	}
	trained, err := f.trained()
	if err != nil {
		return err
	}
	opts, err := f.options(c)
	if err != nil {
		return err
	}
	o := provenance.Options{Read: opts, Attestations: e.Attestations}
	if e.Graph, err = f.trace(ctx, f.Data, o); err != nil {
		return err
	}
	if e.Graph.Nodes[0].Content.Rows == nil {
		return fmt.Errorf("--data %s is a folder; name a file of rows (--folder checks the signature of a folder)", f.Data)
	}
	if e.Rows, err = f.failedRows(ctx, c, e); err != nil {
		return err
	}
	if f.Control != "" {
		if e.Control, err = (rootFlag{}).trace(ctx, f.Control, o); err != nil {
			return err
		}
		if e.ControlShared, err = f.sharedRows(ctx, c); err != nil {
			return err
		}
	}
	r := checkedData{Data: f.Data, Problems: append([]provenance.Problem{}, e.Graph.Problems...)}
	if r.Generators, err = f.compared(ctx, trained); err != nil {
		return err
	}
	e.Relation, r.Notes = r.relation, r.notCompared(e.Graph)
	if r.Refusals, err = provenance.Check(policy, e, *modelOf(trained), now); err != nil {
		return err
	}
	if r.Allowed = len(r.Refusals) == 0; r.Allowed {
		r.Refusals = []provenance.Refusal{}
	}
	if err := r.write(c.stdout, asJSON); err != nil {
		return err
	}
	if !r.Allowed {
		return detected
	}
	return nil
}

// failedRows returns the digest of the rows of --data in any order, if a signed verdict FAILED
// names such a digest or a report detects a trait, and zero otherwise.
func (f dataFlags) failedRows(ctx context.Context, c console, e provenance.Evidence) (undertone.Digest, error) {
	signed := slices.ContainsFunc(e.Attestations, func(a provenance.Attestation) bool { return len(a.Detected) > 0 && len(a.Rows) > 0 })
	reported := slices.ContainsFunc(e.Reports, func(r provenance.Report) bool {
		return slices.ContainsFunc(r.Traits, func(t provenance.TestedTrait) bool { return t.Detected || t.Verdict == "detected" })
	})
	if !signed && !reported {
		return undertone.Digest{}, nil
	}
	data, err := loadRows(ctx, c, "read", f.Data, f.readFlags)
	if err != nil {
		return undertone.Digest{}, err
	}
	return data.Digest(), nil
}

// sharedRows returns how many rows of --data are rows of --control too.
func (f dataFlags) sharedRows(ctx context.Context, c console) (int, error) {
	data, done, err := openRows(ctx, c, "read", f.Data, f.readFlags)
	if err != nil {
		return 0, err
	}
	defer done()
	control, done, err := openRows(ctx, c, "read", f.Control, f.readFlags)
	if err != nil {
		return 0, err
	}
	defer done()
	shared := provenance.SharedRows(data, control)
	return shared, undertone.ReadErr(data, control)
}

func (r checkedData) write(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, r)
	}
	var b strings.Builder
	if r.Allowed {
		fmt.Fprintf(&b, "%s: allowed by the policy\n", escape.Text(r.Data))
	} else {
		fmt.Fprintf(&b, "%s: refused by the policy\n", escape.Text(r.Data))
	}
	for _, x := range r.Refusals {
		fmt.Fprintf(&b, "  %s: %s\n    remedy: %s\n", x.Rule, escape.Text(x.Reason), escape.Text(x.Remedy))
	}
	for _, g := range r.Generators {
		fmt.Fprintf(&b, "  --generator %s and the student: %s\n", escape.Text(g.Name), escape.Text(g.Statement))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", escape.Text(note))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  note: %s: %s\n", p.Kind, escape.Text(p.Text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// readPolicy reads the policy in a file.
func readPolicy(path string) (*provenance.Policy, error) {
	f, err := bounded.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--policy: %w", err)
	}
	defer f.Close()
	p, err := provenance.ReadPolicy(f)
	if err != nil {
		return nil, fmt.Errorf("--policy: %s: %w", path, err)
	}
	return p, nil
}
