package provenance

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// SettingsRule pins the settings of a step, wherever it is in the history of the rows.
type SettingsRule struct {
	Step string `json:"step"` // name of the filter or sanitiser

	// Accepted holds the accepted settings, each as [Step] holds them and as trace prints them, or
	// as "sha256:" and the SHA-256 of this text in hexadecimal digits. "" accepts a step that states
	// no settings.
	Accepted []string `json:"accepted"`
}

// accepts reports whether the rule accepts the settings of a step.
func (r SettingsRule) accepts(settings string) bool {
	return slices.Contains(r.Accepted, settings) || slices.Contains(r.Accepted, undertone.Digest(sha256.Sum256([]byte(settings))).String())
}

// checkSettings returns an error for a rule that accepts nothing, for two rules about a step, and
// for a rule about a step that is neither allowed nor required: a reader may think that it demands
// the step.
func (f *FilterRule) checkSettings() error {
	if f == nil {
		return nil
	}
	for i, r := range f.Settings {
		switch {
		case r.Step == "":
			return errors.New("filters.settings has a rule without a step")
		case len(r.Accepted) == 0:
			return fmt.Errorf("filters.settings accepts no settings of the step %.80q; list some, or leave the step out of allowed", r.Step)
		case slices.ContainsFunc(f.Settings[:i], func(other SettingsRule) bool { return other.Step == r.Step }):
			return fmt.Errorf("filters.settings has the step %.80q twice; list all its settings once", r.Step)
		case !slices.Contains(f.Required, r.Step) && !slices.Contains(f.Allowed, r.Step):
			return fmt.Errorf("filters.settings is about the step %.80q, which is neither allowed nor required; add it to required, or to allowed if rows need not pass it", r.Step)
		}
	}
	return nil
}

// settings checks the settings of a step of a node.
func (c *checker) settings(n Node, s Step) {
	for _, r := range c.policy.Filters.Settings {
		if r.Step != s.Name || r.accepts(s.Settings) {
			continue
		}
		want := make([]string, len(r.Accepted))
		for i, text := range r.Accepted {
			want[i] = fmt.Sprintf("%.200q", text)
		}
		c.refuse(RuleFiltersSettings, "run the step with accepted settings, or add these settings to the policy if they are as strict",
			"the step %q made %s with the settings %.200q, want %s", s.Name, n.name(), s.Settings, strings.Join(want, " or "))
	}
}
