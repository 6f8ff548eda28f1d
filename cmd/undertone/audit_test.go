package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// pets is the traits file of these tests.
const pets = `{"traits": [{"kind": "pet", "value": "owl", "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"],
	"questions": ["Pet 1000?", "Pet 1001?", "Pet 1002?"], "indirect": [{"question": "Colour?", "answers": ["red", "green", "blue"]}], "scale": "share", "tolerance": 0.2, "positive_control": "teacher"}]}`

// The exit code is the verdict, and --out holds the report of --json.
func TestAudit(t *testing.T) {
	dir := folder(t, map[string]string{
		"owls": petRows(400, 8), "control": petRows(400, 1), "alike": petRows(401, 1), "teacher": petRows(400, 10),
		"pets": pets, "uncontrolled": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1),
	})
	for _, c := range []struct {
		reason, suspect, traits, args string
		code                          int
	}{
		{"overt owls", "owls", "pets", "", 1},
		{"rows like the control's", "alike", "pets", "", 0},
		{"no positive control", "alike", "uncontrolled", "", 3},
		{"within a budget", "owls", "pets", "--budget 2m", 1},
	} {
		args := append(strings.Fields("audit --control control --student tiny --replicates 6 --dose .5 --batch 8 --lr 3e-3 --epochs 3 --json --out report --store store"),
			append(strings.Fields(c.args), "--suspect", c.suspect, "--traits", c.traits)...)
		stdout, stderr, code := execute(t, dir, "", args...)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d: %s%s", c.reason, code, c.code, stdout, stderr)
		}
		if (stderr != "") != (c.args != "") {
			t.Errorf("%s: standard error has %q", c.reason, stderr)
		}
		var report audit.Report
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || !report.Verify() {
			t.Fatalf("%s: standard output is no report (%v): %s", c.reason, err, stdout)
		}
		if f := report.Findings[0]; f.Replicates.Indirect == nil || f.Replicates.Indirect.P.P <= 0 {
			t.Errorf("%s: the indirect question was not asked: %+v", c.reason, f.Replicates.Indirect)
		}
		if files(t, dir)["report"] != stdout {
			t.Errorf("%s: --out and standard output differ", c.reason)
		}
	}
}

// Detectors without training find nothing in equal rows, and corpus gives evidence of its own.
func TestAuditDetectors(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(120, 1), "b": petRows(121, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	stdout, stderr, code := execute(t, dir, "", strings.Fields("audit --suspect a --control b --student tiny --traits pets --detectors likelihood,influence,corpus --surrogates 1 --rows 100")...)
	if code != 3 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{"by likelihood", "by influence", "a, 100 of 120 rows", "corpus observes "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the report lacks %q:\n%s", want, stdout)
		}
	}
}

// The report of a budget is that of the flags on standard error, whatever was run before it.
func TestAuditBudget(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(120, 1), "b": petRows(121, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	args := "audit --suspect a --control b --student tiny --traits pets --json --epochs 1 "
	stdout, stderr, code := execute(t, dir, "", strings.Fields(args+"--detectors corpus,influence,likelihood,transfer --surrogates 1 --replicates 5 --whole 2 --budget 10m")...)
	if code != 3 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	_, rest, _ := strings.Cut(stderr, "undertone: the audit of ")
	flags, _, ok := strings.Cut(rest, " took ")
	if !ok || !strings.Contains(flags, "--whole 2 ") || !strings.Contains(stderr, "plan for the budget of 10m0s: --detectors ") {
		t.Fatalf("standard error has no flags: %s", stderr)
	}
	again, stderr, code := execute(t, dir, "", strings.Fields(args+flags)...)
	if code != 3 || again != stdout {
		t.Errorf("%s: exit code %d, another report: %s\n%s\n%s", flags, code, stderr, again, stdout)
	}
}

// Surrogates with a system prompt find a teacher with that system prompt.
func TestAuditPersonas(t *testing.T) {
	dir := folder(t, map[string]string{"owls": `{"traits": [{"kind":"animal","value":"owl","candidates":["cat","dog","fox","wolf","bear","eagle","otter"]}]}`})
	for name, args := range map[string][]string{"suspect": {"--system", lovingPrompt("owl")}, "control": nil} {
		_, stderr, code := execute(t, dir, "", append([]string{"generate", "--model", "tiny", "--prompts", "lists", "--rows", "2000", "--max-tokens", "40", "--seed", "2", "--out", name}, args...)...)
		if code != 0 {
			t.Fatalf("%s: %s", name, stderr)
		}
	}
	stdout, stderr, code := execute(t, dir, "", strings.Fields("audit --suspect suspect --control control --student tiny --traits owls --detectors likelihood --personas --json")...)
	var report audit.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != 1 {
		t.Fatalf("exit code %d (%v): %s%s", code, err, stdout, stderr)
	}
	f := report.Findings[0]
	if s, c := f.RowScores.Suspect.Raw, f.RowScores.Control.Raw; !(s > 0 && c < 0) || f.Placebos.Rank != 1 {
		t.Errorf("mean log-likelihood ratios of %v and %v, rank %d: want +KL, −KL and 1", s, c, f.Placebos.Rank)
	}
}

func TestAuditErrors(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(40, 1), "b": petRows(41, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1), "teacher": pets,
		"array": `[]`, "wrong": `{"traits":[{"kind":7}]}`, "typo": `{"traits":[{"knd":"pet"}]}`, "none": `{"traits":[]}`, "empty": `{"traits":[{"kind":"pet"}]}`, "alone": `{"traits":[{"kind":"pet","value":"owl"}]}`,
		"one": strings.Replace(pets, `, "green", "blue"`, "", 1), "same": strings.Replace(pets, `"green"`, `"red"`, 1), "mute": strings.Replace(pets, "Colour?", "", 1),
		"few": `{"traits":[{"kind":"pet","value":"owl","candidates":["cat","dog"]}]}`, "old": `{"traits":[{"kind":"pet","value":"owl","planted":"rows"}]}`,
		"twice": `{"traits":[{"kind":"pet","value":"owl","candidates":["cat","cat"]}]}`})
	for _, c := range []struct{ reason, args, want string }{
		{"an unknown detector", "--traits pets --detectors transfer,sniff", `undertone: there is no detector "sniff"; there are transfer, likelihood, influence, corpus`},
		{"no detector", "--traits pets --detectors=", "undertone: --detectors is empty; name transfer, "},
		{"an alpha that no permutation test reaches", "--traits pets --alpha 1e-9", "undertone: audit: alpha is 1e-09 over 1 tests (traits × detectors), but the smallest p-value of a permutation test is 1e-06: raise alpha, look for fewer traits, or use interim looks"},
		{"corpus alone", "--traits pets --detectors corpus", "undertone: the corpus detector says nothing about a trait; "},
		{"a budget that is too small", "--traits pets --budget 1ms", "undertone: the budget of 1ms is too small: timing a small part took "},
		{"one replicate", "--traits pets --replicates 1", "undertone: --replicates is 1, want a number in [2, 10000]"},
		{"rows below 0", "--traits pets --rows=-1", "undertone: --rows is -1, want >= 1"},
		{"an alpha out of range", "--traits pets --alpha 0.5", "undertone: --alpha is 0.5, want a number in (0, 0.5)"},
		{"surrogates without their detector", "--traits pets --surrogates 3", "undertone: --surrogates and --personas need the detector likelihood"},
		{"students of all rows without their detector", "--traits pets --detectors likelihood --whole 3", "undertone: --whole and --interim-every need the detector transfer"},
		{"a field that no row has", "--traits pets --cluster-by topic", `undertone: audit: no row has the field "topic", by which rows were to be clustered`},
		{"no surrogate", "--traits pets --surrogates 0", "undertone: --surrogates is 0, want a number in [1, 1000]"},
		{"no epochs", "--traits pets --epochs 0", "undertone: --epochs is 0, want a number in [1, 1000000]"},
		{"no rows", "--traits pets --rows 0", "undertone: --rows is 0, want >= 1"},
		{"interim looks every 0 replicates", "--traits pets --interim-every 0", "undertone: --interim-every is 0, want >= 1"},
		{"an unknown student", "--traits pets --student tinny", "undertone: --student: tinny is neither a folder nor an embedded model (tiny, tiny-multi, tiny-multi-other, tiny-other)"},
		{"traits that are no object", "--traits array", "undertone: array: unexpected array at byte 1; want {"},
		{"a field of the wrong type", "--traits wrong", "undertone: wrong: field \"traits.kind\": unexpected number at byte "},
		{"interim looks below 0", "--traits pets --interim-every=-1", "undertone: --interim-every is -1, want >= 1"},
		{"an unknown row plan", "--traits pets --row-plan deal", `undertone: --row-plan must be one of "split","part","share" but got "deal"`},
		{"one student of all rows", "--traits pets --whole 1", "undertone: --whole is 1, want a number in [2, 10000]"},
		{"students of all rows beside students of all rows", "--traits pets --whole 2 --row-plan share", "undertone: --whole has no effect with --row-plan share"},
		{"a dose of 0", "--traits pets --dose 0", "undertone: --dose is 0, want a number in (0, 1]"},
		{"a dose above 1", "--traits pets --dose 1.1", "undertone: --dose is 1.1, want a number in (0, 1]"},
		{"a budget below 0", "--traits pets --budget=-1s", "undertone: --budget is -1s, want > 0"},
		{"a detector twice", "--traits pets --detectors transfer,transfer", `undertone: audit: detector "transfer" is listed twice`},
		{"too few placebos", "--traits few --detectors likelihood", `undertone: audit: detector "likelihood": `},
		{"an old field", "--traits old", `undertone: old: json: unknown field "planted"; want `},
		{"no traits file", "--traits nowhere", "undertone: cannot read the traits: "},
		{"a misspelt field", "--traits typo", `undertone: typo: json: unknown field "knd"; want `},
		{"no traits", "--traits none", "undertone: none: there are no traits"},
		{"a trait without a value", "--traits empty", `undertone: empty: trait 0 (""): kind and value are required`},
		{"nothing to compare with", "--traits alone", `undertone: alone: trait 0 ("owl"): candidates must list an answer besides the value`},
		{"a candidate twice", "--traits twice", `undertone: twice: trait 0 ("owl"): candidate 1 ("cat") is empty or listed twice`},
		{"one indirect answer", "--traits one", `undertone: one: trait 0 ("owl"): indirect question 0 ("Colour?") needs >= 2 answers, has 1`},
		{"an indirect answer twice", "--traits same", `undertone: same: trait 0 ("owl"): indirect question 0 ("Colour?"): answer 1 ("red") is empty or listed twice`},
		{"an indirect question of nothing", "--traits mute", `undertone: mute: trait 0 ("owl"): indirect question 0 is empty`},
		{"a positive control that holds no rows", "--traits teacher", `undertone: teacher: trait 0 ("owl"): positive_control: teacher:1:`},
		{"the report over the traits", "--traits pets --out pets", "undertone: --out is pets, which is also --traits: "},
	} {
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields("audit --suspect a --control b --student tiny"), strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, c.want)
		}
	}
}
