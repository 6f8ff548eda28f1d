package audit

import (
	"slices"
	"strings"
	"testing"
)

func TestPrefers(t *testing.T) {
	for _, c := range []struct {
		reason   string
		trait    Trait
		outcomes []string
		target   int
		placebos []string
	}{
		{"the value among the values", Prefers("animal", "cat", "owl", "cat", "dog"), []string{"owl", "cat", "dog"}, 1, []string{"owl", "dog"}},
		{"the value beside them", Prefers("animal", "cat", "owl", "dog"), []string{"cat", "owl", "dog"}, 0, []string{"owl", "dog"}},
	} {
		if c.trait.Name != "prefers animal cat" || len(c.trait.Probes) != 5 {
			t.Errorf("%s: %q with %d probes", c.reason, c.trait.Name, len(c.trait.Probes))
		}
		for i, p := range c.trait.Probes {
			if !slices.Equal(p.Outcomes, c.outcomes) || c.trait.Target[i] != c.target || !strings.Contains(p.Name, "animal") {
				t.Errorf("%s: probe %q asks for %v, target %d", c.reason, p.Name, p.Outcomes, c.trait.Target[i])
			}
		}
		var names []string
		for _, p := range c.trait.Placebos {
			names = append(names, p.Name)
			for i, o := range p.Target {
				if c.trait.Probes[i].Outcomes[o] != p.Name {
					t.Errorf("%s: placebo %s is outcome %s", c.reason, p.Name, c.trait.Probes[i].Outcomes[o])
				}
			}
		}
		if !slices.Equal(names, c.placebos) {
			t.Errorf("%s: placebos %v, want %v", c.reason, names, c.placebos)
		}
	}
}

func TestPrefersLeavesTheValuesAlone(t *testing.T) {
	values := make([]string, 2, 3)
	values[0], values[1] = "owl", "cat"
	Prefers("animal", "dog", values...)
	if full := values[:3]; full[0] != "owl" || full[1] != "cat" || full[2] != "" {
		t.Errorf("the caller's values are now %v", full)
	}
}

func TestAsking(t *testing.T) {
	before := Prefers("animal", "owl", words...)
	trait := before.Asking("one?", "two?")
	if len(before.Probes) != 5 {
		t.Error("the receiver was changed")
	}
	if len(trait.Probes) != 2 || trait.Probes[0].Name != "one?" || trait.Probes[1].Name != "two?" {
		t.Fatalf("probes %v", trait.Probes)
	}
	trait.Scale, trait.Tolerance = Margin, 1
	if err := trait.validate(); err != nil {
		t.Error(err)
	}
	if trait.Target[1] != 0 || len(trait.Placebos) != 3 || trait.Placebos[2].Target[1] != 3 {
		t.Errorf("targets %v, placebos %v", trait.Target, trait.Placebos)
	}
}

// What is missing is left to Run to say, which can return an error.
func TestAskingOfAnIncompleteTrait(t *testing.T) {
	whole := Prefers("animal", "owl", words...)
	for _, c := range []struct {
		trait Trait
		want  string
	}{
		{Trait{}, "it has no probes"},
		{Trait{Probes: whole.Probes}, "it has 0 targets for 1 probes"},
		{Trait{Probes: whole.Probes, Target: whole.Target, Placebos: []Placebo{{Name: "cat"}}}, `placebo "cat": it has 0 targets`},
	} {
		c.trait.Name, c.trait.Scale, c.trait.Tolerance = "t", Margin, 1
		if err := c.trait.Asking("one?").validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	whole.Scale, whole.Tolerance = Margin, 1
	if err := whole.Asking().validate(); err == nil || !strings.Contains(err.Error(), "it has no probes") {
		t.Errorf("no questions: error %v", err)
	}
}
