package lm

import "testing"

// Each part of a model has a digest of its own, and LoRA changes that of the adapter alone.
func TestParts(t *testing.T) {
	m := small(t, Options{})
	p := m.Parts()
	if p.Weights.IsZero() || p.Base != p.Weights || p.Tokenizer.IsZero() || p.Config.IsZero() || p.Template.IsZero() || !p.Adapter.IsZero() {
		t.Errorf("parts %+v", p)
	}
	adapted, err := m.WithLoRA(LoRA{Rank: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	with := adapted.Parts()
	if with.Adapter.IsZero() {
		t.Error("LoRA has no digest")
	}
	if with.Adapter = p.Adapter; with != p {
		t.Errorf("LoRA changes %+v to %+v", p, with)
	}
	other, err := m.WithTemplate(Template{Name: "chatml"})
	if err != nil {
		t.Skip("this model has no such template:", err)
	}
	changed := other.Parts()
	if changed.Template == p.Template {
		t.Error("another template has the same digest")
	}
	if changed.Template = p.Template; changed != p {
		t.Errorf("a template changes %+v to %+v", p, changed)
	}
}
