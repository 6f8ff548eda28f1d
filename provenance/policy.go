package provenance

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/internal/strictjson"
)

// PolicySchema names the JSON form of a [Policy]; docs/policy.schema.json is its JSON schema.
const PolicySchema = "undertone.policy/1"

// Policy is what a pipeline demands of rows before a student is trained on them. An absent section
// demands nothing, but rows are always compared with their manifest if there is one, and rows in
// which a report detects a trait are always refused. At least one section must demand something.
type Policy struct {
	Schema     string          `json:"schema"`
	Manifest   *ManifestRule   `json:"manifest,omitempty"`
	Generators *GeneratorRule  `json:"generators,omitempty"`
	Audits     *AuditRule      `json:"audits,omitempty"`
	Filters    *FilterRule     `json:"filters,omitempty"`
	KeepRates  *KeepRateRule   `json:"keep_rates,omitempty"`
	Declared   *DeclaredTraits `json:"declared_traits,omitempty"`
}

// ManifestRule demands a manifest that describes the rows. [GeneratorRule], [FilterRule],
// [KeepRateRule] and [DeclaredTraits] demand it too.
type ManifestRule struct {
	Required bool    `json:"required"`
	Signers  []KeyID `json:"signers,omitzero"` // one of them must have signed it (default: no signature is needed)
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

// AuditRule demands reports of audits of exactly these rows: of all rows if the policy has no
// [GeneratorRule], and otherwise of those for which its action is [Audited].
type AuditRule struct {
	// Always demands the reports even if no generator may share the student's base.
	Always bool `json:"always,omitempty"`

	Traits       []TraitRule `json:"traits,omitzero"`         // each needs a report (default: any report)
	Verdicts     []string    `json:"verdicts,omitzero"`       // that are accepted: undetected, inconclusive (default undetected)
	MaxAgeDays   int         `json:"max_age_days,omitempty"`  // of a report (default: any age)
	Signers      []KeyID     `json:"signers,omitzero"`        // one of them must have signed the report (default: no signature is needed)
	OtherStudent bool        `json:"other_student,omitempty"` // accept reports about another student
}

// TraitRule demands a report about a trait.
type TraitRule struct {
	Trait    string  `json:"trait"`               // as in the report
	MaxLimit float64 `json:"max_limit,omitempty"` // largest limit of detection, in (0, 1] (default: any, and none)
}

// FilterRule is about the steps in the history of the rows.
type FilterRule struct {
	Allowed  []string `json:"allowed,omitzero"`  // names of filters and sanitisers (default: all; empty: none)
	Required []string `json:"required,omitzero"` // names of the steps that every row must have passed
}

// KeepRateRule compares the keep rates of the data and of its control, filter by filter. Different
// keep rates are a confound: the filter sees what differs between the arms.
type KeepRateRule struct {
	MaxDifference float64 `json:"max_difference"` // largest absolute difference, in [0, 1]
}

// DeclaredTraits refuses rows whose makers declare traits that are not listed.
type DeclaredTraits struct {
	Allowed []string `json:"allowed"` // empty: none
}

// ReadPolicy reads the JSON of a policy, of at most 16 MiB. Unknown fields, a field twice or in
// another case, null, and values out of range are errors, so that a misspelled rule is not a rule
// that is absent.
func ReadPolicy(r io.Reader) (*Policy, error) {
	text, err := configfile.Read("policy", r)
	p := new(Policy)
	if err == nil {
		err = strictjson.Decode(text, configfile.MaxSize, p)
	}
	if err == nil {
		err = checkValues(text)
	}
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

// checkValues returns an error for a value that decodes to the same as an absent one: null, or 0
// for the field max_limit.
func checkValues(text []byte) error {
	var all any
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	var walk func(path string, v any) error
	walk = func(path string, v any) error {
		switch v := v.(type) {
		case nil:
			return fmt.Errorf("%s is null; give a value, or leave the field out", cmp.Or(path, "it"))
		case float64:
			if v == 0 && strings.HasSuffix(path, ".max_limit") {
				return fmt.Errorf("%s is 0, want a number in (0, 1]", path)
			}
		case []any:
			for _, x := range v {
				if err := walk(path, x); err != nil {
					return err
				}
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if err := walk(strings.TrimPrefix(path+"."+name, "."), v[name]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return walk("", all)
}

// needsManifest reports whether a rule cannot be applied without a manifest.
func (p *Policy) needsManifest() bool {
	return p.Manifest != nil && (p.Manifest.Required || len(p.Manifest.Signers) > 0) ||
		p.Generators != nil || p.Filters != nil || p.KeepRates != nil || p.Declared != nil
}

// checkDemands returns an error if the policy or one of its sections demands nothing. An empty list
// means "nothing is allowed" where it lists what is allowed, and is an error elsewhere.
func (p *Policy) checkDemands() error {
	if !p.needsManifest() && p.Audits == nil {
		return errors.New("it demands nothing; add a section that does, such as manifest or audits")
	}
	if m := p.Manifest; m != nil && m.Signers != nil && len(m.Signers) == 0 {
		return emptyList("manifest.signers")
	}
	if a, g := p.Audits, p.Generators; a != nil && g != nil && !a.Always && g.sharedBase() != Audited && g.unknownGenerator() != Audited {
		return errors.New("audits never applies, because no action of generators is audited; add audits.always, or change an action")
	}
	if f := p.Filters; f != nil && f.Required != nil && len(f.Required) == 0 {
		return emptyList("filters.required")
	} else if f != nil && f.Allowed == nil && f.Required == nil {
		return errors.New("filters demands nothing; add allowed or required")
	}
	if p.Declared != nil && p.Declared.Allowed == nil {
		return errors.New("declared_traits has no list allowed; an empty list allows no trait")
	}
	return nil
}

func emptyList(field string) error {
	return fmt.Errorf("%s is empty; name something, or leave the field out", field)
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
	return p.checkDemands()
}

func (a *AuditRule) check() error {
	switch {
	case a.Traits != nil && len(a.Traits) == 0:
		return emptyList("audits.traits")
	case a.Verdicts != nil && len(a.Verdicts) == 0:
		return emptyList("audits.verdicts")
	case a.Signers != nil && len(a.Signers) == 0:
		return emptyList("audits.signers")
	}
	if a.MaxAgeDays < 0 {
		return fmt.Errorf("audits.max_age_days is %d, want >= 0; 0 is any age", a.MaxAgeDays)
	}
	for _, v := range a.Verdicts {
		if !slices.Contains([]string{"undetected", "inconclusive"}, v) {
			return fmt.Errorf("audits.verdicts has %.40q, want undetected or inconclusive; detected is always refused", v)
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
