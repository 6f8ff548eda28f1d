package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/student"
)

// gated is a pipeline in a folder: rows of tiny that were filtered, a control, an audit of them,
// and a policy.
func gated(t *testing.T) string {
	t.Helper()
	dir := folder(t, map[string]string{
		"pets": writerFiles()["pets"],
		"policy": `{"schema": "undertone.policy/1", "manifest": {"required": true}, "generators": {"shared_base": "audited"},
			"audits": {"max_age_days": 30, "verdicts": ["undetected", "inconclusive"]}, "filters": {"required": ["numbers"]}, "keep_rates": {"max_difference": 0.5}}`,
	})
	for _, line := range []string{
		"generate --model tiny --prompts lists --rows 80 --out raw",
		"generate --model tiny --prompts-from raw --seed 2 --out raw2",
		"filter --in raw --filters numbers --numbers.max-count 20 --out data",
		"filter --in raw2 --filters numbers --numbers.max-count 20 --out control",
	} {
		succeed(t, dir, line)
	}
	audit := "audit --suspect data --control control --student tiny --traits pets --epochs 1 --replicates 2 --whole 2 --out report --add-tested"
	if _, stderr, code := execute(t, dir, "", strings.Fields(audit)...); code == 2 {
		t.Fatal(stderr)
	}
	return dir
}

const gateLine = "verify report --data data --policy policy --student tiny --control control"

// The gate lets a pipeline through that meets its policy, and refuses it by the rule that it no
// longer meets.
func TestGate(t *testing.T) {
	dir := gated(t)
	stdout, stderr, code := execute(t, dir, "", strings.Fields(gateLine)...)
	if code != 0 || !strings.Contains(stdout, "data: allowed by the policy\n") {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	if tested := manifestOf(t, filepath.Join(dir, "data")).Subject.Tested; len(tested) != 1 || tested[0].Trait == "" {
		t.Errorf("--add-tested added %+v", tested)
	}
	swap := func(text string) string {
		lines := strings.SplitAfter(text, "\n")
		lines[0], lines[1] = lines[1], lines[0]
		return strings.Join(lines, "")
	}
	if strings.Contains(stdout, "nothing says how tiny was made") {
		t.Errorf("an embedded model has an unknown origin: %s", stdout)
	}
	lines := strings.SplitAfter(files(t, dir)["data"], "\n")
	slices.Reverse(lines)
	if err := os.WriteFile(filepath.Join(dir, "mixed"), []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"filter --in mixed --filters numbers --numbers.max-count 20 --out reordered",
		"keygen --out key", "attest --key key --data data --out made", "attest --key key --from-report report --data data --out verdict",
	} {
		succeed(t, dir, line)
	}
	for _, c := range []struct {
		name   string
		line   string // "" for that of the gate
		file   string
		change func(string) string
		code   int
		want   string // on standard output, or on standard error if code is 2
	}{
		{"rows in another order", "", "data", swap, 1, "integrity: data.undertone.json describes another file: the rows have another Merkle root"},
		{"a changed manifest", "", "data.undertone.json", func(s string) string { return strings.Replace(s, `"seed": 1`, `"seed": 9`, 1) }, 1, "the manifest was changed"},
		{"a changed report", "", "report", func(s string) string { return strings.Replace(s, `"alpha": 0.05`, `"alpha": 0.06`, 1) }, 2, "its digest is not that of its content"},
		{"no report", "verify --data data --policy policy --student tiny --control control", "", nil, 1, "audits.traits: no report of these rows was given"},
		{"the report of other rows", "verify report --data control --policy policy --student tiny --control control", "", nil, 1, "1 reports are of other rows"},
		{"another student", "verify report --data data --policy policy --student tiny-other --control control", "", nil, 1, "audits.other_student: report report: it is about the student"},
		{"another adapter of the student", gateLine + " --lora 4", "", nil, 1, "audits.other_student"},
		{"another template of the student", gateLine + " --template plain", "", nil, 1, "audits.other_student"},
		{"no control", "verify report --data data --policy policy --student tiny", "", nil, 1, "keep_rates.max_difference: there is no manifest of a control"},
		{"other options of the reader", gateLine + " --turns last", "", nil, 1, `describes rows that are read with the options "", want "turns=last"`},
		{"a policy with a misspelled rule", "", "policy", func(s string) string { return strings.Replace(s, "shared_base", "shared-base", 1) }, 2, `--policy: policy: provenance: policy: json: unknown field "shared-base"`},
		{"no policy", "verify report --data data --student tiny", "", nil, 2, "--data, --policy and --student need each other"},
		{"a report that is not signed", "verify report made --key key.pub --data data --policy policy --student tiny --control control", "", nil, 1, "audits.signed: report: not signed"},
		{"all is signed", "verify report made verdict --key key.pub --data data --policy policy --student tiny --control control", "", nil, 0, "allowed by the policy"},
		{"the data as their control", "verify report --data data --policy policy --student tiny --control data", "", nil, 1, "the rows of the control are those of the data"},
		{"the data in another order as their control", "verify report --data data --policy policy --student tiny --control reordered", "", nil, 1, "rows are rows of the control too, want at most half"},
		{"another control", "verify report --data data --policy policy --student tiny --control raw2", "", nil, 1, "the control is not that of report report"},
		{"no manifest", "", "data.undertone.json", nil, 1, "manifest.required: no manifest"},
		{"no such data", "verify report --data none --policy policy --student tiny", "", nil, 2, "none: no such file"},
		{"nothing", "verify", "", nil, 2, "nothing to verify"},
	} {
		line := c.line
		if line == "" {
			line = gateLine
		}
		path := filepath.Join(dir, c.file)
		before, _ := os.ReadFile(path)
		if c.name == "no manifest" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		if c.change != nil {
			after := c.change(string(before))
			if after == string(before) {
				t.Fatalf("%s: nothing is changed", c.name)
			}
			if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		stdout, stderr, code := execute(t, dir, "", strings.Fields(line)...)
		said := stdout
		if c.code == 2 {
			said = stderr
		}
		if code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q: %s%s", c.name, code, c.code, c.want, stdout, stderr)
		}
		if c.file != "" {
			if err := os.WriteFile(path, before, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// For machines the gate prints one line, in which lists are never null.
func TestGateJSON(t *testing.T) {
	dir := folder(t, map[string]string{"rows": row1, "policy": `{"schema": "undertone.policy/1", "manifest": {"required": true}}`})
	succeed(t, dir, "filter --in rows --filters numbers --out data")
	for _, c := range []struct {
		data string
		code int
		want []provenance.Rule
	}{{"data", 0, nil}, {"rows", 1, []provenance.Rule{provenance.RuleManifest}}} {
		stdout, stderr, code := execute(t, dir, "", "verify", "--data", c.data, "--policy", "policy", "--student", "tiny", "--json")
		var r checkedData
		if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != c.code || r.Allowed != (c.code == 0) || len(r.Refusals) != len(c.want) || strings.Contains(stdout, "null") {
			t.Errorf("%s: exit code %d, %v: %s%s", c.data, code, err, stdout, stderr)
		}
		for i, rule := range c.want {
			if r.Refusals[i].Rule != rule {
				t.Errorf("%s: refused by %s, want %s", c.data, r.Refusals[i].Rule, rule)
			}
		}
	}
}

// --add-tested needs a report to name, and a manifest that describes the rows.
func TestAddTestedRefuses(t *testing.T) {
	dir := folder(t, writerFiles())
	line := "audit" + writerArms + " --epochs 1 --replicates 2 --whole 2 --add-tested"
	if _, stderr, code := execute(t, dir, "", strings.Fields(line)...); code != 2 || !strings.Contains(stderr, "--add-tested needs --out") {
		t.Errorf("without --out: exit code %d, %q", code, stderr)
	}
	if _, stderr, code := execute(t, dir, "", strings.Fields(line+" --out new")...); code != 2 || !strings.Contains(stderr, "--add-tested: provenance: ") || files(t, dir)["new"] != "" {
		t.Errorf("without a manifest, which is an error before the audit: exit code %d, %q", code, stderr)
	}
}

// A generator that is given is compared by weights and answers: one of another base passes, and one
// of the student's base is refused whatever is given.
func TestGateComparesGenerators(t *testing.T) {
	dir := folder(t, map[string]string{"policy": `{"schema": "undertone.policy/1", "manifest": {"required": true}, "generators": {"shared_base": "refuse"}}`})
	succeed(t, dir, "generate --model tiny-other --prompts lists --rows 20 --out other")
	succeed(t, dir, "generate --model tiny --prompts lists --rows 20 --out same")
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"--data other", 1, "their relation is unknown"},
		{"--data other --generator tiny-other", 0, "allowed by the policy"},
		{"--data other --generator tiny", 1, "their relation is unknown"}, // it did not write the rows
		{"--data same --generator tiny", 1, "shares the base of the student"},
		{"--data same --generator tiny-other", 1, "shares the base of the student"},
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields("verify --policy policy --student tiny "+c.line)...)
		if code != c.code || !strings.Contains(stdout, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q: %s%s", c.line, code, c.code, c.want, stdout, stderr)
		}
	}
	if _, stderr, code := execute(t, dir, "", strings.Fields("verify --policy policy --student tiny --data other --generator none")...); code != 2 || !strings.Contains(stderr, "--generator: ") {
		t.Errorf("a generator that does not exist: exit code %d: %s", code, stderr)
	}
}

// A generator counts if it is the model that the manifest names, with its adapter and its chat
// template.
func TestGateComparesWholeGenerators(t *testing.T) {
	dir := folder(t, map[string]string{
		"policy": `{"schema": "undertone.policy/1", "manifest": {"required": true}, "generators": {"shared_base": "refuse"}}`,
		"pets":   writerFiles()["pets"],
	})
	for _, line := range []string{
		"generate --model tiny-other --prompts lists --rows 20 --out lists",
		"train --model tiny-other --in lists --epochs 1 --lora 2 --adapter-only --out adapter",
		"generate --model tiny-other --adapter adapter --prompts lists --rows 20 --out adapted",
	} {
		succeed(t, dir, line)
	}
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"--generator tiny-other", 1, "note: --generator tiny-other does not count: the adapter of "},
		{"--generator tiny-other --generator-adapter adapter", 0, "allowed by the policy"},
		{"--generator-adapter adapter", 2, "--generator-adapter names 1 adapters for 0 models"},
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields("verify --policy policy --student tiny --data adapted "+c.line)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q: %s%s", c.line, code, c.code, c.want, stdout, stderr)
		}
	}
}

// A file from which sanitise takes values or rows is in the history of the rows.
func TestSanitiseNamesGivenFiles(t *testing.T) {
	dir := folder(t, map[string]string{"rows": row1, "other": row1 + row1})
	for _, c := range []struct {
		line string
		role provenance.Role
	}{
		{"sanitise --in rows --steps resample --resample.from other --out out", provenance.ValuesRole},
		{"sanitise --in rows --steps mix --mix.clean other --mix.share 0.5 --out out", provenance.OtherArmRole},
	} {
		succeed(t, dir, c.line)
		m := manifestOf(t, filepath.Join(dir, "out"))
		if len(m.Subject.Parents) != 2 || m.Subject.Parents[1].Role != c.role || m.Ancestors[1].Path != "other" {
			t.Errorf("%s: parents %+v, ancestors %+v", c.line, m.Subject.Parents, m.Ancestors)
		}
	}
}

// The options with which rows are read are in the settings of a step, which a policy can pin.
func TestSettingsHaveReading(t *testing.T) {
	dir := folder(t, map[string]string{"rows": row1})
	for line, want := range map[string]string{"": "", " --turns last": "rows read with turns=last"} {
		succeed(t, dir, "filter --in rows --filters numbers --out out"+line)
		got := manifestOf(t, filepath.Join(dir, "out")).Subject.Made.Steps[0].Settings
		if !strings.HasSuffix(got, want) || strings.Contains(got, "rows read") != (want != "") {
			t.Errorf("filter%s: settings %q", line, got)
		}
	}
}

// With --key a report of any kind must be signed, also under a policy.
func TestGateDemandsSignedReports(t *testing.T) {
	crossed, err := os.ReadFile("../../audit/factorial/testdata/detected.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{
		"rows": row1, "policy": `{"schema": "undertone.policy/1", "manifest": {"required": true}}`,
		"crossed": string(crossed),
	})
	succeed(t, dir, "filter --in rows --filters numbers --out data")
	succeed(t, dir, "keygen --out key")
	stdout, stderr, code := execute(t, dir, "", strings.Fields("verify crossed --key key.pub --data data --policy policy --student tiny")...)
	if code != 1 || !strings.Contains(stdout, "audits.signed: crossed: not signed") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

// A file that is not there, and a folder in the place of rows, are named as such.
func TestMissingData(t *testing.T) {
	dir := folder(t, map[string]string{"data": `{"prompt":"a","completion":"b"}`, "policy": `{"schema": "undertone.policy/1", "audits": {}}`})
	succeed(t, dir, "keygen --out key")
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"trace missing":                                                       "undertone: missing: no such file or directory\n",
		"export missing --format summary":                                     "undertone: missing: no such file or directory\n",
		"attest --key key --data missing --out made":                          "undertone: --data missing: no such file or directory\n",
		"verify --data missing --policy policy --student tiny":                "undertone: missing: no such file or directory\n",
		"verify --data data --policy policy --student tiny --control missing": "undertone: missing: no such file or directory\n",
		"lineage missing tiny --weights-only":                                 "undertone: lineage: stat missing: no such file or directory\n",
		"verify --data sub --policy policy --student tiny":                    "undertone: --data sub is a folder; name a file of rows",
	} {
		if _, stderr, code := execute(t, dir, "", strings.Fields(line)...); code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q, want %q", line, code, stderr, want)
		}
	}
}

// The flags of an audit on which the digest of the student depends are those of verify.
func TestStudentAsAudited(t *testing.T) {
	rank := 4
	seen := map[string]bool{}
	for _, f := range []dataFlags{
		{Student: "tiny"}, {Student: "tiny", Template: "plain"}, {Student: "tiny", LongRows: "skip"}, {Student: "tiny", LoRA: &rank}, {Student: "tiny", Seed: 2}, {Student: "tiny-other"},
	} {
		audited := studentFlags{Student: f.Student, LoRA: f.LoRA, Seed: f.Seed}
		audited.Template, audited.LongRows = f.Template, f.LongRows
		want, _, err := audited.student(student.Recipe{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.trained()
		if err != nil || got.Digest() != want.Digest() || seen[got.Digest().String()] {
			t.Errorf("%+v: digest %s, want %s, which no other student has; error %v", f, got.Digest().Short(), want.Digest().Short(), err)
		}
		seen[got.Digest().String()] = true
	}
}
