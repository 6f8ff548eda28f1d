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

// maxPolicy is the largest size of a policy, in bytes. People write policies.
const maxPolicy = 1 << 20

// ReadPolicy reads the JSON of a policy, of at most 1 MiB. Unknown fields, a field twice or in
// another case, null, and values out of range are errors, so that a misspelled rule is not a rule
// that is absent.
func ReadPolicy(r io.Reader) (*Policy, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPolicy+1))
	p := new(Policy)
	if err == nil {
		err = strictjson.Decode(text, maxPolicy, p)
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
// for the fields max_limit and max_tolerance.
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
			if v == 0 && strings.HasSuffix(path, ".max_tolerance") {
				return fmt.Errorf("%s is 0, want a number > 0", path)
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

// check returns an error for a value out of range, and for a policy or a section that demands
// nothing. An empty list means "nothing is allowed" where it lists what is allowed, and is an error
// elsewhere.
func (p *Policy) check() error {
	if p.Schema != PolicySchema {
		return fmt.Errorf("its schema is %.60q, want %q", p.Schema, PolicySchema)
	}
	sections := []interface{ check() error }{p.Manifest, p.Generators, p.Audits, p.Filters, p.KeepRates, p.Declared}
	for _, s := range sections {
		if err := s.check(); err != nil {
			return err
		}
	}
	if !p.needsManifest() && p.Audits == nil {
		return errors.New("it demands nothing; add a section that does, such as manifest or audits")
	}
	history := p.Filters != nil || p.KeepRates != nil || p.Declared != nil
	if g := p.Generators; !g.demands() && !(history && g.permitsUnknown()) {
		return errors.New("generators demands nothing, because both actions are allow; leave the section out, or set an action to audited or refuse")
	}
	if a, g := p.Audits, p.Generators; a != nil && g != nil && !a.Always && g.sharedBase() != Audited && g.unknownGenerator() != Audited {
		return errors.New("audits never applies, because no action of generators is audited; add audits.always, or change an action")
	}
	return nil
}

func emptyList(field string) error {
	return fmt.Errorf("%s is empty; name something, or leave the field out", field)
}

// needsManifest reports whether a rule cannot be applied without a manifest.
func (p *Policy) needsManifest() bool {
	return p.Manifest != nil && (p.Manifest.Required || len(p.Manifest.Signers) > 0) ||
		p.Generators != nil || p.Filters != nil || p.KeepRates != nil || p.Declared != nil
}
