package audit

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance/lineage"
)

// generator is a model with the digest of another.
type generator struct {
	name   string
	digest undertone.Digest
	err    error // of its answers
	asked  *int
}

func (g generator) Name() string             { return g.name }
func (g generator) Digest() undertone.Digest { return g.digest }
func (g generator) Generate(context.Context, undertone.Request) (undertone.Response, error) {
	*g.asked++
	return undertone.Response{Text: "owl"}, g.err
}

// A declared generator is related to the student in the report, and changes nothing else.
func TestLineageIsStated(t *testing.T) {
	plain := run(t, world())
	for _, c := range []struct {
		reason string
		digest undertone.Digest
		grade  lineage.Grade
		text   string
	}{
		{"the student itself", plain.Student, lineage.Shared, "generator (writer) and student: shared base, by digest"},
		{"another model", undertone.NewHasher("other").Sum(), lineage.Unknown, "generator (writer) and student: unknown: "},
	} {
		cfg := world()
		cfg.Store = new(undertone.MemoryStore)
		asked := 0
		cfg.Generator = generator{"writer", c.digest, errors.New("no answer"), &asked}
		r := run(t, cfg)
		if r.Lineage == nil || r.Lineage.Grade != c.grade || r.Lineage.Digest != c.digest {
			t.Fatalf("%s: %+v", c.reason, r.Lineage)
		}
		var text bytes.Buffer
		if err := r.Render(&text, Text); err != nil || !strings.Contains(text.String(), c.text) {
			t.Errorf("%s: no %q in %s", c.reason, c.text, text.String())
		}
		if r.Verdict != plain.Verdict || r.Traits[0].Verdict != plain.Traits[0].Verdict || len(r.Warnings) != len(plain.Warnings) {
			t.Errorf("%s: the verdict is %s with, and %s without a generator", c.reason, r.Verdict, plain.Verdict)
		}
		if again := reread(t, r); !again.Verify() || *again.Lineage != *r.Lineage {
			t.Errorf("%s: %+v does not survive JSON", c.reason, again.Lineage)
		}
		before := asked
		cfg.Generator = generator{"renamed", c.digest, nil, &asked}
		if again := run(t, cfg); again.Digest != r.Digest || again.Lineage.Generator != "renamed" || asked != before {
			t.Errorf("%s: the digest depends on the name of the generator, or the store does not keep the relation", c.reason)
		}
	}
}

// Without a generator the JSON of a report has no lineage, and the text says that it is unknown.
func TestLineageIsUnknownWithoutGenerator(t *testing.T) {
	r := run(t, world())
	var form, text bytes.Buffer
	if err := errors.Join(r.Render(&form, JSON), r.Render(&text, Text)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(form.String(), `"lineage"`) {
		t.Error("the JSON has a lineage")
	}
	if !strings.Contains(text.String(), "generator and student: unknown: the generator was not given") {
		t.Errorf("the text has no lineage: %s", text.String())
	}
}
