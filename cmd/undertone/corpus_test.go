package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// numberRows is n rows of three digits, of which some are rarer than others in one of two ways.
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
		{"other numbers", "--suspect low --control a", "detected: ", 1},
		{"for machines", "--suspect low --control a --json", `{"verdict":"detected",`, 1},
		{"the same numbers, without a positive control", "--suspect a --control b", "inconclusive: ", 3},
		{"the same numbers, and others are found", "--suspect a --control b --positive low --margin .2", "undetected: ", 0},
	} {
		stdout, stderr, code := execute(t, dir, "", append([]string{"corpus"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.HasPrefix(stdout, c.want) || stderr != "" {
			t.Errorf("%s: exit code %d, want %d: %s%.300s", c.reason, code, c.code, stderr, stdout)
		}
	}
	if _, stderr, code := execute(t, dir, "", "corpus", "--suspect", "a", "--control", "none"); code != 2 || !strings.HasPrefix(stderr, "undertone: none: cannot open") {
		t.Errorf("no control: exit code %d, %q", code, stderr)
	}
}
