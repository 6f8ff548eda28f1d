package provenance

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// controlOf returns the graph of a control that a model wrote under a system prompt. The rows are
// other rows than those of newWorld.
func controlOf(t *testing.T, model Model, prompt undertone.Digest) *Graph {
	t.Helper()
	w := newWorld(t)
	w.put("control.jsonl", rowLines(40, 51))
	r := Record{
		Path: "control.jsonl", Content: w.describe(t, "control.jsonl"),
		Made: &Made{By: "generate", Version: "0.1.0", Out: 11, Steps: []Step{}, Generation: &Generation{SystemPrompt: prompt}},
	}
	w.write(t, "control.jsonl", r, Source{Record: Record{Content: Content{Kind: ModelKind, Model: &model}, Parents: []Parent{}}, Role: GeneratorRole, Rows: 11})
	g, err := TraceFile(t.Context(), w.files, "control.jsonl", Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// The control is not written by the model that wrote the rows, unless that is the untrained
// student. A policy can demand that the untrained student wrote it.
func TestWriterOfTheControl(t *testing.T) {
	teacher, other, student := testModel("owl-teacher"), testModel("cat-teacher"), testModel("student")
	adapted, template := teacher, teacher
	adapted.Digest, adapted.Adapter = undertone.Digest{5}, undertone.Digest{6}
	template.Digest, template.Template = undertone.Digest{5}, undertone.Digest{6}
	for name, c := range map[string]struct {
		control, student Model
		prompt           undertone.Digest
		base             bool
		want             []Rule
	}{
		"the writer of the rows":                          {control: teacher, student: student, want: []Rule{RuleControl}},
		"the same with another template":                  {control: template, student: student, want: []Rule{RuleControl}},
		"the untrained student with another template":     {control: template, student: teacher, want: []Rule{RuleControl}},
		"the same with an adapter":                        {control: adapted, student: student},
		"the same under a system prompt":                  {control: teacher, student: student, prompt: undertone.Digest{7}},
		"the untrained student, which wrote the rows":     {control: teacher, student: teacher},
		"another model":                                   {control: other, student: student},
		"the untrained student":                           {control: student, student: student},
		"base control by the untrained student":           {control: student, student: student, base: true},
		"base control by another model":                   {control: other, student: student, base: true, want: []Rule{RuleBaseControl}},
		"base control by the student with a prompt":       {control: student, student: student, prompt: undertone.Digest{7}, base: true, want: []Rule{RuleBaseControl}},
		"base control by the writer of the rows":          {control: teacher, student: student, base: true, want: []Rule{RuleBaseControl, RuleControl}},
		"base control by the student under a template":    {control: template, student: teacher, base: true, want: []Rule{RuleBaseControl, RuleControl}},
		"base control by the student with an adapter":     {control: adapted, student: teacher, base: true, want: []Rule{RuleBaseControl}},
		"base control, and the student wrote the rows":    {control: teacher, student: teacher, base: true},
		"base control of a model without known weights":   {control: Model{Name: "server"}, student: student, base: true, want: []Rule{RuleBaseControl}},
		"base control and a student of unknown weights":   {control: Model{Name: "server"}, student: Model{Name: "s", Digest: student.Digest}, base: true, want: []Rule{RuleBaseControl}},
		"a model without known weights wrote the control": {control: Model{Name: "server"}, student: student},
	} {
		a := newAttempt(t)
		g, control := a.trace(t, Options{}), controlOf(t, c.control, c.prompt)
		r := a.reports[0]
		r.Student, r.Control = c.student.Digest, control.Nodes[0].Content.Rows.Order
		p := &Policy{Schema: PolicySchema, Audits: &AuditRule{BaseControl: c.base}}
		got, err := Check(p, Evidence{Graph: g, Control: control, Reports: []Report{r}}, c.student, today)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%s: refused by %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

// A demanded control must be there, be that of the report, be signed if manifests must be, and have
// a known history.
func TestBaseControlIsGiven(t *testing.T) {
	student := testModel("student")
	p := &Policy{Schema: PolicySchema, Audits: &AuditRule{BaseControl: true}}
	for want, change := range map[string]func(*Evidence){
		"there is no manifest of a control":          func(e *Evidence) { e.Control = nil },
		"the control is not that of report":          func(e *Evidence) { e.Reports[0].Control = undertone.Digest{1} },
		"the manifest of the control is not signed":  func(e *Evidence) { p.Manifest = &ManifestRule{Signers: []KeyID{signer}} },
		"nothing says how all rows of control.jsonl": func(e *Evidence) { e.Control.Nodes[0].Made = nil },
	} {
		a := newAttempt(t)
		e := Evidence{Graph: a.trace(t, Options{Attestations: a.signed}), Control: controlOf(t, student, undertone.Digest{}), Reports: a.reports}
		e.Reports[0].Control = e.Control.Nodes[0].Content.Rows.Order
		p.Manifest = nil
		if got, err := Check(p, e, student, today); err != nil || len(got) > 0 {
			t.Fatalf("refused by %v, error %v", got, err)
		}
		change(&e)
		got, err := Check(p, e, student, today)
		if err != nil || !slices.ContainsFunc(got, func(r Refusal) bool { return strings.Contains(r.Reason, want) }) {
			t.Errorf("refused by %v, error %v, want %q", got, err, want)
		}
	}
}
