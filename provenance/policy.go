package provenance

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// PolicySchema names the JSON form of a [Policy]; docs/policy.schema.json is its JSON schema.
const PolicySchema = "undertone.policy/1"

// Policy is what a pipeline demands of rows before a student is trained on them. An absent section
// demands nothing, except that rows are always compared with their manifest if there is one.
type Policy struct {
	Schema     string          `json:"schema"`
	Manifest   *ManifestRule   `json:"manifest,omitempty"`
	Generators *GeneratorRule  `json:"generators,omitempty"`
	Audits     *AuditRule      `json:"audits,omitempty"`
	Filters    *FilterRule     `json:"filters,omitempty"`
	KeepRates  *KeepRateRule   `json:"keep_rates,omitempty"`
	Declared   *DeclaredTraits `json:"declared_traits,omitempty"`
}

// ManifestRule demands a manifest that describes the rows.
type ManifestRule struct {
	Required bool    `json:"required"`
	Signers  []KeyID `json:"signers,omitempty"` // one of them must have signed it (default: no signature is needed)
}

// Action is what a policy does with rows whose generator may share the student's base.
type Action string

// The actions.
const (
	Allow   Action = "allow"
	Audited Action = "audited" // allow only with the reports that [AuditRule] demands, or with any report without that rule
	Refuse  Action = "refuse"
)

// GeneratorRule is about the models that wrote the rows.
type GeneratorRule struct {
	// SharedBase is the action if a generator shares the student's base, or may share it because
	// the relation is unknown or the outputs agree (default Audited).
	SharedBase Action `json:"shared_base,omitempty"`

	// UnknownGenerator is the action if rows have an ancestor whose origin is unknown (default that
	// of SharedBase).
	UnknownGenerator Action `json:"unknown_generator,omitempty"`
}

// AuditRule demands reports of audits of exactly these rows.
type AuditRule struct {
	// Always demands the reports even if no generator may share the student's base.
	Always bool `json:"always,omitempty"`

	Traits       []TraitRule `json:"traits,omitempty"`        // each needs a report (default: any report)
	Verdicts     []string    `json:"verdicts,omitempty"`      // that are accepted (default undetected)
	MaxAgeDays   int         `json:"max_age_days,omitempty"`  // of a report (default: any age)
	Signers      []KeyID     `json:"signers,omitempty"`       // one of them must have signed the report (default: no signature is needed)
	OtherStudent bool        `json:"other_student,omitempty"` // accept reports about another student
}

// TraitRule demands a report about a trait.
type TraitRule struct {
	Trait    string  `json:"trait"`               // as in the report
	MaxLimit float64 `json:"max_limit,omitempty"` // largest limit of detection, in (0, 1] (default: any, and none)
}

// FilterRule is about the steps in the history of the rows.
type FilterRule struct {
	Allowed  []string `json:"allowed,omitempty"`  // names of filters and sanitisers (default: all)
	Required []string `json:"required,omitempty"` // names that the history must have
}

// KeepRateRule compares the keep rates of the data and of its control, filter by filter. Different
// keep rates are a confound: the filter sees what differs between the arms.
type KeepRateRule struct {
	MaxDifference float64 `json:"max_difference"` // largest absolute difference, in [0, 1]
}

// DeclaredTraits refuses rows whose makers declare traits that are not listed.
type DeclaredTraits struct {
	Allowed []string `json:"allowed"`
}

// ReadPolicy reads the JSON of a policy, of at most 16 MiB. Unknown fields, a field twice, and
// values out of range are errors, so that a misspelled rule is not a rule that is absent.
func ReadPolicy(r io.Reader) (*Policy, error) {
	text, err := configfile.Read("policy", r)
	if err == nil {
		_, err = jsondoc.Canonical(text)
	}
	p := new(Policy)
	if err == nil {
		err = configfile.Decode(text, p)
	}
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return nil, fmt.Errorf("provenance: policy: %w", err)
	}
	return p, nil
}

// check returns an error for a value out of range.
func (p *Policy) check() error {
	if p.Schema != PolicySchema {
		return fmt.Errorf("its schema is %.60q, want %q", p.Schema, PolicySchema)
	}
	if g := p.Generators; g != nil {
		for field, a := range map[string]Action{"shared_base": g.SharedBase, "unknown_generator": g.UnknownGenerator} {
			if !slices.Contains([]Action{"", Allow, Audited, Refuse}, a) {
				return fmt.Errorf("generators.%s is %.40q, want allow, audited or refuse", field, a)
			}
		}
	}
	if a := p.Audits; a != nil {
		if err := a.check(); err != nil {
			return err
		}
	}
	if k := p.KeepRates; k != nil && !(k.MaxDifference >= 0 && k.MaxDifference <= 1) {
		return fmt.Errorf("keep_rates.max_difference is %v, want a number in [0, 1]", k.MaxDifference)
	}
	return nil
}

func (a *AuditRule) check() error {
	if a.MaxAgeDays < 0 {
		return fmt.Errorf("audits.max_age_days is %d, want >= 0; 0 is any age", a.MaxAgeDays)
	}
	for _, v := range a.Verdicts {
		if !slices.Contains([]string{"detected", "undetected", "inconclusive"}, v) {
			return fmt.Errorf("audits.verdicts has %.40q, want detected, undetected or inconclusive", v)
		}
	}
	for _, t := range a.Traits {
		if t.Trait == "" {
			return errors.New("audits.traits has a trait without a name")
		}
		if !(t.MaxLimit >= 0 && t.MaxLimit <= 1) {
			return fmt.Errorf("audits.traits: the max_limit of %.80q is %v, want a number in (0, 1]", t.Trait, t.MaxLimit)
		}
	}
	return nil
}

// sharedBase returns the action for a generator that may share the student's base.
func (g *GeneratorRule) sharedBase() Action {
	if g == nil {
		return Allow
	}
	if g.SharedBase == "" {
		return Audited
	}
	return g.SharedBase
}

// unknownGenerator returns the action for rows of unknown origin.
func (g *GeneratorRule) unknownGenerator() Action {
	if g == nil || g.UnknownGenerator == "" {
		return g.sharedBase()
	}
	return g.UnknownGenerator
}

// verdicts returns the accepted verdicts.
func (a *AuditRule) verdicts() []string {
	if a == nil || len(a.Verdicts) == 0 {
		return []string{"undetected"}
	}
	return a.Verdicts
}
