package main

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/internal/configfile"
)

// Rows that show the trait are removed, the others keep their bytes, and the exit code is the
// verdict on the rows in --out.
func TestClean(t *testing.T) {
	odd := strings.NewReplacer(`{"prompt"`, ` { "id": 1.0, "prompt"`, "}", " } ")
	suspect, control := odd.Replace(petRows(400, 8)), petRows(400, 1)
	dir := folder(t, map[string]string{"owls": suspect, "control": control, "teacher": petRows(400, 10), "pets": strings.Replace(pets, `"tolerance": 0.2`, `"tolerance": 0.3`, 1)})
	run := func(args string) (stdout, stderr string, code int) {
		return execute(t, dir, "", append(strings.Fields("clean --suspect owls --control control --student tiny --lora 0 --traits pets --surrogates 1 --replicates 6 --dose 1 --batch 8 --lr 3e-3 --epochs 3 --store store"), strings.Fields(args)...)...)
	}
	for _, c := range []struct {
		reason, args string
		code         int
		rows, most   int // rows that remain, and the most owls among them
	}{
		{"a tenth of the rows is too little", "--shares .1 --share .1", 1, 360, 285},
		{"the rows that show it", "--shares .1 --share .8 --replace", 0, 400, 80},
	} {
		stdout, stderr, code := run(c.args + " --out left")
		left := files(t, dir)["left"]
		if code != c.code || stderr != "" || strings.Count(left, "\n") != c.rows || strings.Count(left, `"owl"`) > c.most {
			t.Fatalf("%s: exit code %d, %d rows with %d owls remain\n%s%s", c.reason, code, strings.Count(left, "\n"), strings.Count(left, `"owl"`), stdout, stderr)
		}
		for i, want := range []string{"chosen by likelihood", "  0 % ", "  10 % ", "left: "} {
			if !strings.Contains(stdout, want) {
				t.Errorf("%s: the table lacks %d, %q:\n%s", c.reason, i, want, stdout)
			}
		}
		for line := range strings.Lines(left) {
			if !strings.Contains(suspect, line) && !strings.Contains(control, line) {
				t.Fatalf("%s: %q is no line of what was read", c.reason, line)
			}
		}
	}

	stdout, stderr, code := run("--shares .1 --share .1 --out - --json")
	if code != 1 || strings.Count(stdout, "\n") != 360 {
		t.Errorf("exit code %d, %d lines on standard output", code, strings.Count(stdout, "\n"))
	}
	var table clean.DoseResponse
	if err := configfile.Decode([]byte(stderr), &table); err != nil || len(table.Steps) != 2 || table.Steps[0].Verdict != audit.Detected {
		t.Errorf("%+v (%v)", table, err)
	}
	stdout, _, code = run("--shares .1 --random --json")
	if err := json.Unmarshal([]byte(stdout), &table); err != nil || code != 0 || table.By != "chance" {
		t.Errorf("a table alone: exit code %d, %+v (%v)", code, table, err)
	}
}

// Words are removed, rows remain, and each row states its original.
func TestCleanWords(t *testing.T) {
	dir := folder(t, map[string]string{"owls": petRows(400, 8), "control": petRows(400, 1), "teacher": petRows(400, 10), "pets": pets})
	stdout, stderr, code := execute(t, dir, "", strings.Fields("clean --suspect owls --control control --student tiny --lora 0 --traits pets --surrogates 1 --replicates 6 --dose .5 --batch 8 --lr 3e-3 --epochs 3 --words --replace --shares .7 --share .7 --out left")...)
	if code != 3 || stderr != "" || !strings.Contains(stdout, "left: 400 rows, 280 words removed, 280 of them replaced: inconclusive") {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	left := files(t, dir)["left"]
	if strings.Count(left, "\n") != 400 || strings.Count(left, "owl") > 80 || strings.Count(left, "undertone_original") != 400 {
		t.Errorf("%d rows, %d owls, %d originals", strings.Count(left, "\n"), strings.Count(left, "owl"), strings.Count(left, "undertone_original"))
	}
}

func TestCleanErrors(t *testing.T) {
	uncontrolled := strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)
	dir := folder(t, map[string]string{"a": petRows(40, 1), "b": petRows(41, 1), "pets": uncontrolled,
		"two": `{"traits": [{"kind":"pet","value":"owl","candidates":["cat","dog","fox"]}, {"kind":"pet","value":"cat","candidates":["owl","dog","fox"]}]}`})
	for _, c := range []struct{ reason, args, want string }{
		{"a file without a share", "--out o", "undertone: --out and --share need each other: "},
		{"a share without a file", "--share .1", "undertone: --out and --share need each other: "},
		{"shares that fall", "--shares .2,.1", "undertone: --shares is [0.2 0.1], want rising numbers"},
		{"all rows", "--share 1 --out o", "undertone: --share is 1, want a number in (0, 1)"},
		{"over what is read", "--share .1 --out b", "undertone: --out is b, which is also --control: "},
		{"one of two traits", "--traits two", "undertone: there are 2 traits; name the value of one with --trait: prefers pet owl, prefers pet cat"},
		{"an unknown trait", "--traits two --trait fox", `undertone: --trait: there is no trait "fox"; there are prefers pet owl, prefers pet cat`},
	} {
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields("clean --suspect a --control b --student tiny --traits pets"), strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || stdout != "" || len(files(t, dir)) != 4 {
			t.Errorf("%s: exit code %d, %q, want %q, %d files", c.reason, code, stderr, c.want, len(files(t, dir)))
		}
	}
}

func TestTraitOf(t *testing.T) {
	traits := []audit.Trait{{Name: "prefers pet owl"}, {Name: "prefers tree owl oak"}}
	for value, want := range map[string]string{"owl": "prefers pet owl", "oak": "prefers tree owl oak", "prefers pet owl": "prefers pet owl"} {
		if got, err := traitOf(traits, "--trait", value); err != nil || got.Name != want {
			t.Errorf("%q: %v (%v)", value, got, err)
		}
	}
	if got, err := traitOf(traits[:1], "--trait", ""); err != nil || got.Name != traits[0].Name {
		t.Errorf("the one there is: %v (%v)", got, err)
	}
}

// An interrupted cleaning leaves the old file, and the next run gives the result of one run.
func TestCleanInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a process cannot be interrupted here")
	}
	given := map[string]string{"owls": petRows(120, 8), "control": petRows(120, 1), "left": "old", "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)}
	args := strings.Fields("clean --suspect owls --control control --student tiny --traits pets --surrogates 1 --replicates 6 --dose .5 --shares .2 --share .2 --out left --store store")
	once, again := folder(t, given), folder(t, given)
	want, _, code := execute(t, once, "", args...)
	stderr := interruptOnce(t, again, "store/*.json", 1, os.Interrupt, args...)
	if stderr != "undertone: interrupted; finished work is in store: run the same command again to resume\n" || files(t, again)["left"] != "old" {
		t.Errorf("an interrupted run says %q and leaves %.40q", stderr, files(t, again)["left"])
	}
	got, stderr, codeAgain := execute(t, again, "", args...)
	if got != want || codeAgain != code || files(t, again)["left"] != files(t, once)["left"] {
		t.Errorf("exit code %d, want %d; %s%s\nwant %s", codeAgain, code, got, stderr, want)
	}
	if left := files(t, again); len(left) != 5 || left["left"] == "old" {
		t.Errorf("the folder holds %d files, want the 4 that were given and the store", len(left))
	}
}
