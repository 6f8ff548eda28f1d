package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/confound"
)

// Match writes as many rows of each prompt to both files, and prints the comparison before and
// after. The result does not depend on the order of the rows.
func TestMatch(t *testing.T) {
	control := numberRows(1, 400, 900)
	uneven := strings.ReplaceAll(numberRows(2, 600, 900), `, `, ";") // prompts 400 to 599 are in one arm only
	plain := numberRows(3, 600, 900)
	mixed := strings.Join(append(strings.Split(uneven, "\n")[:200], strings.Split(plain, "\n")[200:]...), "\n")
	dir := folder(t, map[string]string{"s": mixed, "k": control})
	stdout, stderr, code := execute(t, dir, "", strings.Fields("match --suspect s --control k --out-suspect s2 --out-control k2.gz")...)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		"suspect: 200 of 600 rows kept; dropped 0 copies, 200 with a prompt that the other arm lacks, 0 beyond the other arm's rows of their prompt, 200 without a counterpart\n",
		"control: 200 of 400 rows kept; ", "\nmatched by prompt, and in layout, lengths\n", "\nbefore: the arms differ in layout\n", "\nafter: the arms agree\n", "  check ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the output lacks %q:\n%s", want, stdout)
		}
	}
	if rows := strings.Count(files(t, dir)["s2"], "\n"); rows != 200 {
		t.Errorf("%d rows were written", rows)
	}
	stdout, stderr, code = execute(t, dir, "", strings.Fields("match --suspect s2 --control k2.gz --out-suspect s3 --out-control k3 --json")...)
	var m confound.Matching
	if err := json.Unmarshal([]byte(stdout), &m); err != nil || code != 0 || stderr != "" {
		t.Fatalf("exit code %d (%v): %s%s", code, err, stdout, stderr)
	}
	if m.Kept != 200 || m.Dropped.Rows != 200 || len(m.Before.Differ) != 0 || len(m.After.Checks) != len(confound.Names()) {
		t.Errorf("matched rows: %s", stdout)
	}
}

// Arms with few counterparts give a warning, which the summary on standard output lacks.
func TestMatchWarnsOfFewRows(t *testing.T) {
	few := strings.Join(strings.SplitAfter(numberRows(1, 400, 900), "\n")[:20], "")
	other := strings.ReplaceAll(numberRows(1, 400, 900), ", ", ";")
	dir := folder(t, map[string]string{"s": numberRows(1, 400, 900), "k": few + strings.SplitAfterN(other, "\n", 21)[20]})
	stdout, stderr, code := execute(t, dir, "", strings.Fields("match --suspect s --control k --out-suspect a --out-control b --quiet")...)
	if code != 0 || !strings.HasPrefix(stderr, "undertone: warning: 20 of 400 rows are left: ") || strings.Contains(stdout, "warning") {
		t.Errorf("exit code %d, %q, %.80q", code, stderr, stdout)
	}
}

func TestMatchErrors(t *testing.T) {
	dir := folder(t, map[string]string{"s": numberRows(1, 400, 900), "k": strings.ReplaceAll(numberRows(1, 400, 900), ", ", ";"), "empty": ""})
	before := files(t, dir)
	for _, c := range []struct{ args, want string }{
		{"--suspect s --control k --out-suspect a --out-control b", "undertone: confound: no row of the suspect has a counterpart in the control: "},
		{"--suspect s --control k --out-suspect s --out-control b", "undertone: --out-suspect is s, which is also --suspect: the verb reads it; name another file"},
		{"--suspect s --control k --out-suspect k --out-control b", "undertone: --out-suspect is k, which is also --control: "},
		{"--suspect s --control k --out-suspect a --out-control ./k", "undertone: --out-control is ./k, which is also --control: "},
		{"--suspect s --control k --out-suspect a --out-control a", "undertone: --out-suspect is a, which is also --out-control: the verb writes it; name another file"},
		{"--suspect s --control k --out-suspect - --out-control a", `undertone: --out-suspect is "-"; name a file`},
		{"--suspect s --control k --out-suspect a --out-control b --rows 0", "undertone: --rows is 0, want >= 1"},
		{"--suspect s --control empty --out-suspect a --out-control b", "undertone: empty: there are no rows"},
		{"--suspect s --control gone --out-suspect a --out-control b", "undertone: gone: cannot open"},
	} {
		stdout, stderr, code := execute(t, dir, "", append([]string{"match"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
	if after := files(t, dir); len(after) != len(before) || after["s"] != before["s"] {
		t.Error("a failed run wrote a file")
	}
}

// An audit of arms that differ says so, gives no verdict, and says what to do; a difference that is
// accepted by name does not forbid a verdict.
func TestAuditOfConfoundedArms(t *testing.T) {
	trailing := strings.ReplaceAll(petRows(400, 8), `"}`, `\n"}`)
	dir := folder(t, map[string]string{"owls": trailing, "control": petRows(400, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	args := strings.Fields("audit --suspect owls --control control --traits pets --student tiny --replicates 6 --batch 8 --lr 3e-3 --epochs 3 --store store")
	stdout, stderr, code := execute(t, dir, "", args...)
	if code != 3 || !strings.HasPrefix(stdout, "INCONCLUSIVE") || !strings.Contains(stdout, "confounded by layout: surrounding white space (") {
		t.Errorf("exit code %d: %s", code, stdout)
	}
	want := "undertone: suspect and control differ in layout, so the audit gives no verdict: match them with undertone match, write both in one format with undertone sanitise --steps format, or accept the difference with --accept-confound layout\n"
	if stderr != want {
		t.Errorf("standard error has %q, want %q", stderr, want)
	}
	if stdout, stderr, code = execute(t, dir, "", append(args, "--accept-confound", "layout")...); code != 1 || stderr != "" || !strings.Contains(stdout, "accepted: surrounding white space") {
		t.Errorf("accepted: exit code %d: %s%s", code, stderr, stdout)
	}
	if _, stderr, code = execute(t, dir, "", append(args, "--accept-confound", "layout,smell")...); code != 2 || !strings.HasPrefix(stderr, `undertone: --accept-confound: there is no confound check "smell"; there are layout, lengths, `) {
		t.Errorf("an unknown check: exit code %d: %s", code, stderr)
	}
}
