package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// silent is a console without a terminal.
func silent() console {
	return console{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
}

// parsedVerbs returns the values of the flags of a command line.
func parsedVerbs(args ...string) (*verbs, error) {
	parser := newParser(silent(), func(int) {})
	_, err := parser.Parse(args)
	return parser.Model.Target.Addr().Interface().(*verbs), err
}

// configCases are configuration files, with a command line that reads them and the error; "" for
// none.
var configCases = []struct{ reason, file, line, want string }{
	{"a list, a number, a setting with a dot", `{"filter": {"in": ["a", "b"], "filters": ["numbers"], "numbers.max-count": 3}}`, "filter", ""},
	{"one value of a list", `{"filter": {"in": "a", "filters": "numbers,words"}}`, "filter", ""},
	{"a list of numbers", `{"clean": {"shares": [0.1, 0.2]}}`, "clean --suspect s --control c --traits t --student tiny", ""},
	{"a verb of two words", `{"trainer check": {"trainer": "t", "student": "tiny"}}`, "trainer check", ""},
	{"flags of all verbs", `{"undertone": {"color": "never", "quiet": true}}`, "traits", ""},
	{"a schema", `{"$schema": "config.schema.json"}`, "traits", ""},
	{"other verbs are checked too", `{"audit": {"replicate": 3}}`, "traits", `"replicate" of "audit" is no flag, did you mean "replicates"?`},
	{"an unknown verb", `{"audti": {}}`, "traits", `"audti" is no verb, did you mean "audit"?`},
	{"help is no value", `{"undertone": {"help": true}}`, "traits", `"help" of "undertone" is no flag`},
	{"a file does not name another", `{"undertone": {"config": "b"}}`, "traits", `"config" of "undertone" is no flag`},
	{"a number as text", `{"audit": {"replicates": "3"}}`, "traits", `"replicates" of "audit" has a wrong value; want a whole number`},
	{"a fraction", `{"audit": {"replicates": 3.5}}`, "traits", `"replicates" of "audit" has a wrong value; want a whole number`},
	{"a text as number", `{"audit": {"student": 3}}`, "traits", `"student" of "audit" has a wrong value; want a string`},
	{"a list for one value", `{"audit": {"student": ["tiny"]}}`, "traits", `"student" of "audit" is a list; want one value`},
	{"an empty list", `{"filter": {"in": []}}`, "traits", `"in" of "filter" is an empty list; leave it out`},
	{"null", `{"filter": {"in": null}}`, "traits", `"in" of "filter" has a wrong value; want a string`},
	{"no object of flags", `{"filter": 3}`, "traits", `"filter" is no object of flags`},
	{"no object", `[]`, "traits", `unexpected array at byte 1; want an object such as {"audit": {"replicates": 12}}`},
	{"two values", `{} {}`, "traits", `something follows the JSON value; want an object such as {"audit": {"replicates": 12}}`},
}

// The code and the schema accept the same files.
func TestConfig(t *testing.T) {
	schema := compiledSchema(t)
	for _, c := range configCases {
		path := filepath.Join(folder(t, map[string]string{"config": c.file}), "config")
		_, err := parsedVerbs(append(strings.Fields(c.line), "--config", path)...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), "config: "+c.want)) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(c.file))
		if err != nil {
			continue // no JSON
		}
		if err := schema.Validate(value); (err == nil) != (c.want == "") {
			t.Errorf("%s: the schema says %v, want %q", c.reason, err, c.want)
		}
	}
}

// A list in a file is not split at its commas.
func TestConfigKeepsCommas(t *testing.T) {
	path := filepath.Join(folder(t, map[string]string{"config": `{"filter": {"in": ["a,b", "c"]}}`}), "config")
	v, err := parsedVerbs("filter", "--config", path)
	if err != nil || len(v.Filter.In) != 2 || v.Filter.In[0] != "a,b" || v.Filter.In[1] != "c" {
		t.Errorf("the files are %q, error %v", v.Filter.In, err)
	}
}

// A flag on the command line overrides the file, and a range holds for the file.
func TestConfigIsOverridden(t *testing.T) {
	dir := folder(t, map[string]string{"config": `{"traits": {"rows": 0}, "audit": {"alpha": 0.01, "replicates": 4, "suspect": "s", "control": "c", "traits": "t", "student": "tiny"}}`})
	v, err := parsedVerbs("audit", "--alpha", "0.1", "--config", filepath.Join(dir, "config"))
	if err != nil || v.Audit.Alpha != 0.1 || v.Audit.Replicates != 4 || v.Audit.Whole != nil {
		t.Errorf("alpha %v, replicates %d, error %v", v.Audit.Alpha, v.Audit.Replicates, err)
	}
	if _, stderr, code := execute(t, dir, "", "traits", "animal/owl", "--overt", "o", "--config", "config"); code != 2 || stderr != "undertone: --rows is 0, want >= 1\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// TestConfigSchema compares docs/config.schema.json with the flags.
func TestConfigSchema(t *testing.T) {
	const path = "../../docs/config.schema.json"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(configSchema(newParser(silent(), func(int) {}).Model)); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, path, b.String(), "ConfigSchema")
}

// checkGolden compares a text with a file, or rewrites the file with -update.
func checkGolden(t *testing.T, path, want, test string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s differs from what the code gives (%v); go test ./cmd/undertone -run %s -update rewrites it", path, err, test)
	}
}

// compiledSchema returns the schema of configuration files.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(configSchema(newParser(silent(), func(int) {}).Model))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", value); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("config.json")
}
