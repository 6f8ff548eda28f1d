package provenance

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// schema is the part of JSON schema that docs/policy.schema.json uses.
type schema struct {
	Ref        string             `json:"$ref"`
	Defs       map[string]*schema `json:"$defs"`
	Type       string             `json:"type"`
	Const      any                `json:"const"`
	Enum       []any              `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Additional *bool              `json:"additionalProperties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Minimum    *float64           `json:"minimum"`
	Maximum    *float64           `json:"maximum"`
	Above      *float64           `json:"exclusiveMinimum"`
	MinLength  int                `json:"minLength"`
	MinItems   int                `json:"minItems"`
	MinFields  int                `json:"minProperties"`
	Pattern    string             `json:"pattern"`
}

// valid reports whether a value is valid; root has the definitions.
func (s *schema) valid(v any, root *schema) bool {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		return root.Defs[name].valid(v, root)
	}
	if s.Const != nil && v != s.Const || s.Enum != nil && !slices.Contains(s.Enum, v) {
		return false
	}
	switch s.Type {
	case "object":
		o, ok := v.(map[string]any)
		ok = ok && len(o) >= s.MinFields
		for _, name := range s.Required {
			_, there := o[name]
			ok = ok && there
		}
		for name, field := range o {
			p, known := s.Properties[name]
			ok = ok && known && p.valid(field, root)
		}
		return ok && s.Additional != nil && !*s.Additional
	case "array":
		list, ok := v.([]any)
		return ok && len(list) >= s.MinItems && !slices.ContainsFunc(list, func(v any) bool { return !s.Items.valid(v, root) })
	case "string":
		text, ok := v.(string)
		return ok && utf8.RuneCountInString(text) >= s.MinLength && regexp.MustCompile(s.Pattern).MatchString(text)
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "number", "integer":
		n, ok := v.(float64)
		return ok && (s.Above == nil || n > *s.Above) && (s.Minimum == nil || n >= *s.Minimum) && (s.Maximum == nil || n <= *s.Maximum) && (s.Type == "number" || n == float64(int(n)))
	}
	return s.Type == ""
}

func policySchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("../docs/policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := new(schema)
	if err := json.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// The JSON schema and ReadPolicy accept and refuse the same texts.
func TestPolicySchema(t *testing.T) {
	s := policySchema(t)
	key := `"sha256:` + strings.Repeat("0a", 32) + `"`
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{`{"schema":"undertone.policy/1"}`, false},
		{`{"schema":"undertone.policy/1","filters":{}}`, false},
		{`{"schema":"undertone.policy/1","filters":{"allowed":[]}}`, true},
		{`{"schema":"undertone.policy/1","filters":{"required":[]}}`, false},
		{`{"schema":"undertone.policy/1","manifest":null,"audits":{}}`, false},
		{`{"schema":"undertone.policy/1","filters":{"allowed":null,"required":["numbers"]}}`, false},
		{`{"schema":"undertone.policy/1","manifest":{"required":true,"signers":[]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"signers":[]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"verdicts":[]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"verdicts":["detected"]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","max_limit":0}]}}`, false},
		{`{"schema":"undertone.policy/1","declared_traits":{}}`, false},
		{`{"schema":"undertone.policy/1","Manifest":{"required":true}}`, false},
		{`{"schema":"undertone.policy/1","manifest":{"Required":true}}`, false},
		{`{"schema":"undertone.policy/1","manifest":{"required":true,"signers":[` + key + `]}}`, true},
		{`{"schema":"undertone.policy/1","generators":{"shared_base":"audited","unknown_generator":"refuse"}}`, true},
		{`{"schema":"undertone.policy/1","audits":{"always":true,"traits":[{"trait":"owl","max_limit":0.1}],"verdicts":["undetected"],"max_age_days":90,"signers":[` + key + `],"other_student":false}}`, true},
		{`{"schema":"undertone.policy/1","filters":{"allowed":["numbers"],"required":["numbers"]},"keep_rates":{"max_difference":0.05},"declared_traits":{"allowed":[]}}`, true},
		{`{"schema":"undertone.policy/1","filters":{"required":["numbers"],"settings":[{"step":"numbers","accepted":["at most 10"]}]}}`, true},
		{`{"schema":"undertone.policy/1","filters":{"required":["numbers"],"settings":[]}}`, false},
		{`{"schema":"undertone.policy/1","filters":{"required":["numbers"],"settings":[{"step":"numbers"}]}}`, false},
		{`{"schema":"undertone.policy/1","filters":{"required":["numbers"],"settings":[{"step":"numbers","accepted":[]}]}}`, false},
		{`{"schema":"undertone.policy/1","filters":{"required":["numbers"],"settings":[{"step":"","accepted":["a"]}]}}`, false},
		{`{}`, false},
		{`[]`, false},
		{`{"schema":"undertone.policy/2"}`, false},
		{`{"schema":"undertone.policy/1","audit":{}}`, false},
		{`{"schema":"undertone.policy/1","manifest":{"required":"yes"}}`, false},
		{`{"schema":"undertone.policy/1","manifest":{"required":true,"signers":["key"]}}`, false},
		{`{"schema":"undertone.policy/1","generators":{"shared_base":"audit"}}`, false},
		{`{"schema":"undertone.policy/1","generators":{"unknown_generator":"deny"}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":""}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","max_limit":1.5}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","limit":0.5}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"verdicts":["safe"]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"max_age_days":-1}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"max_shared":0}}`, true},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","max_tolerance":2.5}],"accepted_differences":["lengths"]}}`, true},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","max_tolerance":0}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"accepted_differences":[]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"max_shared":1.1}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"base_control":true,"traits":[{"trait":"owl","probes":[` + key + `],"positive_controls":[` + key + `]}]}}`, true},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","probes":[]}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","positive_controls":[]}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","probes":["owl"]}]}}`, false},
		{`{"schema":"undertone.policy/1","audits":{"max_age_days":1.5}}`, false},
		{`{"schema":"undertone.policy/1","keep_rates":{"max_difference":-0.1}}`, false},
	} {
		var v any
		if err := json.Unmarshal([]byte(c.text), &v); err != nil {
			t.Fatal(err)
		}
		if got := s.valid(v, s); got != c.ok {
			t.Errorf("schema: %s: valid %v, want %v", c.text, got, c.ok)
		}
		if _, err := ReadPolicy(strings.NewReader(c.text)); (err == nil) != c.ok {
			t.Errorf("ReadPolicy: %s: error %v, want valid %v", c.text, err, c.ok)
		}
	}
}

// The schema has the fields of the type, and no others.
func TestPolicySchemaHasTheFields(t *testing.T) {
	s := policySchema(t)
	var compare func(path string, s *schema, of reflect.Type)
	compare = func(path string, s *schema, of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			if of.Kind() == reflect.Slice {
				s = s.Items
			}
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || s == nil || s.Properties == nil {
			return
		}
		var fields []string
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			fields = append(fields, name)
			if p, there := s.Properties[name]; !there {
				t.Errorf("the schema has no %s.%s", path, name)
			} else {
				compare(path+"."+name, p, of.Field(i).Type)
			}
		}
		if len(fields) != len(s.Properties) {
			t.Errorf("%s has the fields %q, and %d in the schema", path, fields, len(s.Properties))
		}
	}
	compare("policy", s, reflect.TypeFor[Policy]())
}

func TestReadPolicyIsStrict(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"schema":"undertone.policy/1","schema":"undertone.policy/1"}`, "is there twice"},
		{`{"schema":"undertone.policy/1"} x`, "behind the JSON value"},
		{`{"schema":"undertone.policy/1","manifest":{"requiered":true}}`, `unknown field "requiered"`},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"Trait":"owl"}]}}`, `the field "Trait" is unknown; want "trait"`},
		{`{"schema":"undertone.policy/1","audits":null}`, "audits is null"},
		{`{"schema":"undertone.policy/1","manifest":{"required":false}}`, "manifest demands nothing"},
		{`{"schema":"undertone.policy/1","audits":{},"generators":{"shared_base":"refuse"}}`, "audits never applies"},
		{`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","max_limit":0}]}}`, "audits.traits.max_limit is 0, want a number in (0, 1]"},
		{`{"schema":"undertone.policy/1","manifest":{"required":true,"signers":[]}}`, "manifest.signers is empty"},
		{`{"schema":"undertone.policy/1","filters":{"required":["words"],"settings":[{"step":"numbers","accepted":["a"]}]}}`, `the step "numbers", which is neither allowed nor required`},
		{`{"schema":"undertone.policy/1","filters":{"settings":[{"step":"numbers","accepted":["a"]}]}}`, `the step "numbers", which is neither allowed nor required`},
		{`{"schema":"undertone.policy/1","filters":{"allowed":["numbers"],"settings":[{"step":"numbers","accepted":["a"]},{"step":"numbers","accepted":["b"]}]}}`, `the step "numbers" twice`},
		{"", "it is not JSON"},
		{strings.Repeat("[", 300) + strings.Repeat("]", 300), "more than 100 levels"},
	} {
		if _, err := ReadPolicy(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "provenance: policy: ") {
			t.Errorf("%.60s: error %v, want %q", c.text, err, c.want)
		}
	}
}
