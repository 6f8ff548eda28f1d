package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// numberRows returns n rows of three numbers in [100, 100+most).
func numberRows(seed uint64, n, most int) string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `{"prompt":"list %d","completion":"%d, %d, %d"}`+"\n", i, 100+rng.IntN(most), 100+rng.IntN(most), 100+rng.IntN(most))
	}
	return text.String()
}

func TestCorpus(t *testing.T) {
	dir := folder(t, map[string]string{"a": numberRows(1, 400, 900), "b": numberRows(2, 400, 900), "low": numberRows(3, 400, 500)})
	for _, c := range []struct {
		reason, args, want string
		code               int
	}{
		{"other numbers", "--suspect low --control a", "the arms are distinguishable by content, content given layout: ", 0},
		{"other numbers fail", "--suspect low --control a --fail-on distinguishable", "the arms are distinguishable by content, ", 1},
		{"other numbers are not inconclusive", "--suspect low --control a --fail-on inconclusive", "the arms are distinguishable by content, ", 0},
		{"for machines", "--suspect low --control a --json", `{"schema":"undertone.corpus/1",`, 0},
		{"the same numbers, without a positive control", "--suspect a --control b --fail-on distinguishable", "inconclusive: ", 0},
		{"the same numbers, and inconclusive fails", "--suspect a --control b --fail-on distinguishable,inconclusive", "inconclusive: ", 3},
		{"the same numbers, and others are found", "--suspect a --control b --positive-control low --bag 4 --margin .2 --fail-on distinguishable,inconclusive", "the arms are not distinguishable: ", 0},
	} {
		stdout, stderr, code := execute(t, dir, "", append([]string{"corpus"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.HasPrefix(stdout, c.want) || stderr != "" {
			t.Errorf("%s: exit code %d, want %d: %s%.300s", c.reason, code, c.code, stderr, stdout)
		}
	}
	if _, stderr, code := execute(t, dir, "", "corpus", "--suspect", "a", "--control", "b", "--fail-on", "not distinguishable"); code != 2 || !strings.Contains(stderr, "--fail-on") {
		t.Errorf("--fail-on not distinguishable: exit code %d, %q", code, stderr)
	}
	for flag, want := range map[string]string{
		"--bag=0": "--bag is 0, want >= 1", "--rows=0": "--rows is 0, want >= 1",
		"--margin=0.5": "--margin is 0.5, want a number in (0, 0.5)", "--alpha=0": "--alpha is 0, want a number in (0, 1)",
	} {
		if _, stderr, code := execute(t, dir, "", "corpus", "--suspect", "a", "--control", "b", flag); code != 2 || stderr != "undertone: "+want+"\n" {
			t.Errorf("%s: exit code %d, %q", flag, code, stderr)
		}
	}
	if _, stderr, code := execute(t, dir, "", "corpus", "--suspect", "a", "--control", "none"); code != 2 || !strings.HasPrefix(stderr, "undertone: none: cannot open") {
		t.Errorf("no control: exit code %d, %q", code, stderr)
	}
}

// Rows with one value of a field that the user names are one cluster, and the positive control is
// reported as one.
func TestCorpusClusters(t *testing.T) {
	scenes := func(seed uint64) string {
		var text strings.Builder
		for i, line := range strings.Split(strings.TrimSpace(numberRows(seed, 200, 900)), "\n") {
			fmt.Fprintf(&text, "%s,\"scene\":\"%d of %d\"}\n", strings.TrimSuffix(line, "}"), i/4, seed)
		}
		return text.String()
	}
	dir := folder(t, map[string]string{"a": scenes(1), "b": scenes(2), "low": numberRows(3, 200, 300)})
	for args, want := range map[string]string{
		"--bag 4":                             "\nwarning: ",
		"--bag 4 --cluster-by scene":          "tests rest on 50 suspect and 50 control clusters of the 400 rows",
		"--bag 4 --positive-control low":      "\npositive control found: the content tells bags of 4 rows apart",
		"--bag 4 --positive-control b --json": `"positive_control":{"data":"`,
	} {
		stdout, stderr, code := execute(t, dir, "", append([]string{"corpus", "--suspect", "a", "--control", "b"}, strings.Fields(args)...)...)
		if clusters := want == "\nwarning: "; code != 0 || strings.Contains(stdout, want) == clusters {
			t.Errorf("%s: exit code %d, want %q: %s%s", args, code, want, stderr, stdout)
		}
	}
}

// A file with an index is read through it, with the same result, and a stale index is refused.
func TestCorpusThroughAnIndex(t *testing.T) {
	dir := folder(t, map[string]string{"low": numberRows(3, 400, 500), "a": numberRows(1, 400, 900)})
	args := strings.Fields("corpus --suspect low --control a --json")
	want, _, _ := execute(t, dir, "", args...)
	if _, stderr, code := execute(t, dir, "", strings.Fields("inspect --in low --row 0 --index")...); code != 0 {
		t.Fatal(stderr)
	}
	if got, stderr, _ := execute(t, dir, "", args...); got != want || got == "" {
		t.Errorf("through an index %s\n%s\nin memory %s", stderr, got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "low"), []byte(numberRows(4, 400, 500)+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := execute(t, dir, "", args...); code != 2 || !strings.Contains(stderr, "delete low.undertone-index") {
		t.Errorf("a stale index: exit code %d, %q", code, stderr)
	}
}
