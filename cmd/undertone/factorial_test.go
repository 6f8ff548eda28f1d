package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/factorial"
)

// zoo is a traits file with four traits, whose positive controls do not exist.
func zoo() string {
	var traits []string
	for _, value := range []string{"owl", "cat", "dog", "fox"} {
		traits = append(traits, fmt.Sprintf(`{"kind": "pet", "value": %q, "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"],
			"questions": ["Pet 1000?", "Pet 1001?", "Pet 1002?"], "positive_control": "nowhere"}`, value))
	}
	return `{"traits": [` + strings.Join(traits, ",\n") + `]}`
}

// rowsNaming returns rows like those of petRows with an animal in place of the owl.
func rowsNaming(animal string, n int) string {
	return strings.ReplaceAll(petRows(n, 6), `"owl"`, fmt.Sprintf("%q", animal))
}

// zooFiles are the files of a crossed design: four arms that name their animal, the control and the
// traits.
func zooFiles(n int) map[string]string {
	files := map[string]string{"control": petRows(n, 1), "zoo": zoo()}
	for _, animal := range []string{"owl", "cat", "dog", "fox"} {
		files[animal+"=rows"] = rowsNaming(animal, n)
	}
	return files
}

const (
	factorialArgs = "factorial --student tiny --lora 0 --traits zoo --replicates 5 --batch 8 --lr 3e-3 --epochs 2"
	namedArms     = " --arm owl=owl=rows --arm cat=cat=rows --arm dog=dog=rows --arm fox=fox=rows"
	exchangedArms = " --arm owl=cat=rows --arm cat=owl=rows --arm dog=fox=rows --arm fox=dog=rows"
)

// The exit code is the verdict, and --out holds the report of --json.
func TestFactorial(t *testing.T) {
	dir := folder(t, zooFiles(200))
	for _, c := range []struct {
		reason, args string
		code         int
	}{
		{"each arm names its animal", namedArms + " --control control", 1},
		{"each arm names the animal of another", exchangedArms, 3},
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields(factorialArgs+c.args+" --json --out report --store store")...)
		var report factorial.Report
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || !report.Verify() || code != c.code || stderr != "" {
			t.Fatalf("%s: exit code %d, want %d (%v): %s%s", c.reason, code, c.code, err, stdout, stderr)
		}
		if len(report.Arms) != 4 || report.Arms[3].Trait != "prefers pet fox" || report.Design.Replicates != 5 || (report.Control != nil) != (code == 1) {
			t.Errorf("%s: %+v", c.reason, report)
		}
		if files(t, dir)["report"] != stdout {
			t.Errorf("%s: --out and standard output differ", c.reason)
		}
	}
	stdout, _, code := execute(t, dir, "", strings.Fields(factorialArgs+namedArms+" --control control --store store")...)
	if code != 1 || !strings.HasPrefix(stdout, "DETECTED  does each data set give the student the trait that it is named for?") {
		t.Errorf("as text: exit code %d\n%s", code, stdout)
	}
}

func TestFactorialErrors(t *testing.T) {
	dir := folder(t, zooFiles(20))
	for _, c := range []struct{ reason, args, want string }{
		{"no arm", "--traits zoo", "undertone: missing flags: --arm=VALUE=FILE"},
		{"one arm", "--traits zoo --arm owl=owl=rows", "undertone: there is 1 arm, want at least 2; repeat --arm"},
		{"an arm without a trait", "--traits zoo --arm owl --arm cat=cat=rows", `undertone: --arm: "owl" is not NAME=PATH, such as owl=owl.jsonl`},
		{"an arm without a file", "--traits zoo --arm owl= --arm cat=cat=rows", `undertone: --arm: "owl=" is not NAME=PATH`},
		{"an unknown trait", "--traits zoo --arm elk=owl=rows --arm cat=cat=rows", `undertone: --arm: there is no trait "elk"; there are prefers pet owl, `},
		{"a trait twice", "--traits zoo --arm owl=owl=rows --arm owl=cat=rows", `undertone: factorial: trait "prefers pet owl" is listed twice`},
		{"the same rows", "--traits zoo --arm owl=owl=rows --arm cat=owl=rows", "undertone: factorial: arms 0 and 1 have the same rows"},
		{"no file", "--traits zoo --arm owl=nowhere --arm cat=cat=rows", "undertone: nowhere: cannot open"},
		{"one replicate", "--traits zoo --replicates 1 --arm owl=owl=rows --arm cat=cat=rows", "undertone: --replicates is 1, want a number in [2, 10000]"},
		{"the report over an arm", "--traits zoo --arm owl=owl=rows --arm cat=cat=rows --out cat=rows", "undertone: --out is cat=rows, which is also --arm: "},
	} {
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields("factorial --student tiny"), strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, c.want)
		}
	}
}

// An interrupted run resumes from the store and gives the report of one run.
func TestFactorialInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a process cannot be interrupted here")
	}
	args := strings.Fields(factorialArgs + namedArms + " --json --store store")
	once, again := folder(t, zooFiles(100)), folder(t, zooFiles(100))
	want, _, _ := execute(t, once, "", args...)
	if stderr := interruptOnce(t, again, "store/*.json", 1, os.Interrupt, args...); stderr != "undertone: interrupted; finished work is in store: run the same command again to resume\n" {
		t.Errorf("an interrupted run says %q", stderr)
	}
	if got, stderr, _ := execute(t, again, "", args...); got != want {
		t.Errorf("resumed: %s%s\nwant %s", got, stderr, want)
	}
}
