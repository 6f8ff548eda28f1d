package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/configfile"
)

// Rows that show the trait come first, each row once per detector, and two runs are equal.
func TestRank(t *testing.T) {
	dir := folder(t, map[string]string{"owls": petRows(100, 3), "control": petRows(100, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	args := strings.Fields("rank --suspect owls --control control --student tiny --lora 0 --traits pets --surrogates 1 --detectors likelihood,influence --store store")
	stdout, stderr, code := execute(t, dir, "", args...)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if len(lines) != 200 {
		t.Fatalf("%d lines, want 100 of each detector", len(lines))
	}
	given := strings.Split(petRows(100, 3), "\n")
	seen, last := map[int]bool{}, rankedRow{}
	for i, line := range lines {
		var row rankedRow
		if err := configfile.Decode([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if row.Trait != "prefers pet owl" || row.ID.IsZero() || row.Detector != []string{"likelihood", "influence"}[i/100] {
			t.Errorf("line %d: %s", i, line)
		}
		if i%100 == 0 {
			clear(seen)
		} else if row.Score > last.Score {
			t.Errorf("line %d has a larger score than the line before", i)
		}
		if seen[row.Index], last = true, row; i%100 == 99 && len(seen) != 100 {
			t.Errorf("%s: %d of 100 rows", row.Detector, len(seen))
		}
		if i < 30 && !strings.Contains(given[row.Index], "owl") {
			t.Errorf("number %d by likelihood is %s", i, given[row.Index])
		}
	}
	again, _, _ := execute(t, dir, "", append(args, "--out", "ranks")...)
	if again != "" || files(t, dir)["ranks"] != stdout {
		t.Error("--out has other lines, or standard output has some")
	}

	stdout, _, code = execute(t, dir, "", append(args, "--tokens", "5")...)
	for i, line := range strings.Split(strings.TrimSuffix(stdout, "\n"), "\n") {
		var row, bare rankedRow
		if err := errors.Join(configfile.Decode([]byte(line), &row), configfile.Decode([]byte(lines[i]), &bare)); err != nil || code != 0 {
			t.Fatal(code, err)
		}
		sum := 0.0
		for _, token := range row.Tokens {
			sum += token.Score
		}
		if row.ID != bare.ID || row.Score != bare.Score || i%100 < 5 && math.Abs(sum-row.Score) > 1e-3*math.Abs(row.Score) || i%100 >= 5 && row.Tokens != nil {
			t.Errorf("line %d: %s\nwithout tokens: %s", i, line, lines[i])
		}
	}
}

func TestRankErrors(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(40, 1), "b": petRows(41, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	for _, c := range []struct{ reason, args, want string }{
		{"a detector that scores no rows", "--detectors transfer", `undertone: --detectors must be `},
		{"tokens of less than no rows", "--tokens=-1", "undertone: --tokens is -1, want >= 0"},
		{"over what is read", "--out a", "undertone: --out is a, which is also --suspect: "},
		{"no model", "--student nowhere", "undertone: "},
		{"no rows", "--suspect nowhere", "undertone: nowhere: cannot open"},
	} {
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields("rank --suspect a --control b --student tiny --traits pets"), strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, c.want)
		}
	}
}

// Arms that have an index are read through it, with the same results, and are refused if they
// changed since.
func TestArmsThroughTheIndex(t *testing.T) {
	dir := folder(t, map[string]string{"owls": petRows(80, 3), "control": petRows(80, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	arms := "--suspect owls --control control --student tiny --lora 0 --traits pets --surrogates 1"
	results := func() string {
		ranks, stderr, code := execute(t, dir, "", strings.Fields("rank --tokens 2 "+arms)...)
		if code != 0 {
			t.Fatal(stderr)
		}
		table, stderr, code := execute(t, dir, "", strings.Fields("clean --replicates 2 --whole 2 --batch 8 --shares .2 --share .2 --replace --out cleaned "+arms)...)
		if code == 2 {
			t.Fatal(stderr)
		}
		return ranks + table + files(t, dir)["cleaned"]
	}
	want := results()
	for _, name := range []string{"owls", "control"} {
		if _, stderr, code := execute(t, dir, "", "inspect", "--index", "--in", name, "--row", "0"); code != 0 {
			t.Fatal(stderr)
		}
	}
	if got := results(); got != want {
		t.Errorf("through the index:\n%s\nin memory:\n%s", got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "owls"), []byte(petRows(81, 3)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := execute(t, dir, "", strings.Fields("rank "+arms)...); code != 2 || !strings.Contains(stderr, "owls.undertone-index") {
		t.Errorf("exit code %d, %q, want 2 and the name of the index", code, stderr)
	}
}
