package provenance

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// A policy accepts a step with the listed settings, as text or as a digest, and refuses other
// settings wherever the step is in the history.
func TestSettingsOfSteps(t *testing.T) {
	digest := undertone.Digest(sha256.Sum256([]byte("at most 10"))).String()
	for _, c := range []struct {
		step     string
		accepted []string
		want     string // in the reason; "" if the rows may be used
	}{
		{"numbers", []string{"at most 10"}, ""},
		{"numbers", []string{"at most 5", "at most 10"}, ""},
		{"numbers", []string{digest}, ""},
		{"words", []string{""}, ""},
		{"sort", []string{"ascending"}, ""}, // not in the history
		{"numbers", []string{"at most 5"}, `the step "numbers" made kept.jsonl with the settings "at most 10", want "at most 5"`},
		{"numbers", []string{"at most"}, "at most 10"},
		{"numbers", []string{strings.ToUpper(digest)}, "at most 10"},
		{"numbers", []string{""}, "at most 10"},
		{"words", []string{"owl"}, `with the settings "", want "owl"`},
	} {
		a := newAttempt(t)
		rule := &FilterRule{Allowed: []string{"numbers", "words", c.step}, Settings: []SettingsRule{{c.step, c.accepted}}}
		a.policy = &Policy{Schema: PolicySchema, Generators: anyOrigin(), Filters: rule}
		got, err := a.check(t)
		switch {
		case err != nil:
			t.Errorf("%+v: %v", c, err)
		case c.want == "" && len(got) > 0:
			t.Errorf("%+v: refused by %v", c, got)
		case c.want != "" && (!slices.Equal(rules(got), []Rule{RuleFiltersSettings}) || !strings.Contains(got[0].Reason, c.want) || got[0].Remedy == ""):
			t.Errorf("%+v: refused by %v", c, got)
		}
	}
}

// The settings of a step in the history of a parent count too.
func TestSettingsOfParents(t *testing.T) {
	a := newAttempt(t)
	parent := a.manifest.Source(RowsRole, 11, ".")
	sorted := Record{Path: "kept.jsonl", Content: parent.Record.Content, Made: &Made{By: "sanitise", Version: "0.1.0", In: 11, Out: 11, Steps: []Step{{Kind: SanitiseStep, Name: "numbers", Settings: "at most 5", In: 11, Out: 11}}}}
	m, err := NewManifest(sorted, parent)
	if err != nil {
		t.Fatal(err)
	}
	a.putManifest(t, "kept.jsonl", m)
	a.policy = &Policy{Schema: PolicySchema, Filters: &FilterRule{Required: []string{"numbers"}, Settings: []SettingsRule{{"numbers", []string{"at most 5"}}}}}
	if got, err := a.check(t); err != nil || !slices.Equal(rules(got), []Rule{RuleFiltersSettings}) {
		t.Errorf("refused by %v, error %v", got, err)
	}
}
