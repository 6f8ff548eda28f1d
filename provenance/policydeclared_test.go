package provenance

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// A trait that is declared of the rows or the base from which a generator was trained is one of the
// generator. A trait of the file whose prompts were asked, or of rows from which none came, is not.
func TestDeclaredOfATeacher(t *testing.T) {
	for role, want := range map[Role]bool{TrainingRole: true, BaseRole: true, PromptsRole: false, OtherArmRole: false} {
		w := newWorld(t)
		model := testModel("owl-teacher")
		generator := Record{
			Path: "teacher", Content: Content{Kind: ModelKind, Model: &model},
			Made: &Made{By: "train", Version: "0.1.0", In: 10, Steps: []Step{}, Training: &Training{Recipe: []byte("{}"), Engine: "go"}},
		}
		declares := w.raw.Subject
		declares.Path, declares.Parents, declares.Made, declares.Declared = "overt.jsonl", []Parent{}, nil, []Trait{{Trait: "owl"}}
		if role == BaseRole {
			declares.Content = Content{Kind: ModelKind, Model: &Model{Name: "base", Weights: undertone.Digest{3}}}
		}
		more := Source{Record: declares, Role: role}
		raw := w.raw.Subject
		sources := []Source{more}
		if role == TrainingRole || role == BaseRole {
			taught, err := NewManifest(generator, more)
			if err != nil {
				t.Fatal(err)
			}
			sources = []Source{taught.Source(GeneratorRole, 10, ".")}
		} else {
			sources = append(sources, Source{Record: Record{Content: generator.Content, Parents: []Parent{}}, Role: GeneratorRole, Rows: 10})
		}
		w.write(t, "raw.jsonl", raw, sources...)
		g, err := TraceFile(t.Context(), w.files, "raw.jsonl", Options{})
		if err != nil || g.Manifest.IsZero() {
			t.Fatal(role, err, g.Problems)
		}
		p := &Policy{Schema: PolicySchema, Declared: &DeclaredTraits{Allowed: []string{"cat"}}}
		got, err := Check(p, Evidence{Graph: g}, testModel("student"), today)
		refused := slices.Equal(rules(got), []Rule{RuleDeclaredTraits}) && strings.Contains(got[0].Reason, `declares the trait "owl"`)
		if err != nil || refused != want || !want && len(got) > 0 {
			t.Errorf("%s: refused by %v, error %v, want %v", role, got, err, want)
		}
	}
}
