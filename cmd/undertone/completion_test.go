package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// completionCases are lines with what may follow; "" is the start of a word.
var completionCases = []struct {
	words []string
	paths string
	want  []string // each is a candidate
	most  int      // number of candidates; 0 for any
}{
	{[]string{""}, "none", []string{"audit", "filter", "trainer", "traits"}, 0},
	{[]string{"aud"}, "none", []string{"audit"}, 1},
	{[]string{"audit", "--row-p"}, "none", []string{"--row-plan"}, 1},
	{[]string{"audit", "--row-plan", ""}, "none", []string{"split", "part", "share"}, 3},
	{[]string{"audit", "--row-plan=s"}, "none", []string{"--row-plan=split", "--row-plan=share"}, 2},
	{[]string{"audit", "--row-plan", "split", "--row-p"}, "none", nil, 0},
	{[]string{"audit", "--suspect", ""}, "files", nil, 0},
	{[]string{"audit", "--store", "x"}, "folders", nil, 0},
	{[]string{"audit", "--student", "t"}, "folders", []string{"tiny", "tiny-multi", "tiny-multi-other", "tiny-other"}, 4},
	{[]string{"audit", "--detectors", "transfer,l"}, "none", []string{"transfer,likelihood"}, 1},
	{[]string{"audit", "--traits", "library:animal/ow"}, "files", []string{"library:animal/owl"}, 1},
	{[]string{"audit", "--json", "--al"}, "none", []string{"--alpha"}, 1},
	{[]string{"audit", "-q", "--alpha", "0.1", "--col"}, "none", []string{"--color"}, 1},
	{[]string{"audit", "--color", "a"}, "none", []string{"auto", "always"}, 2},
	{[]string{"trainer", ""}, "none", []string{"check"}, 1},
	{[]string{"trainer", "check", "--trainer-t"}, "none", []string{"--trainer-timeout"}, 1},
	{[]string{"traits", "animal/ow"}, "none", []string{"animal/owl"}, 1},
	{[]string{"verify", "--json", ""}, "files", nil, 0},
	{[]string{"verify", "--", "--j"}, "files", nil, 0},
	{[]string{"completion", ""}, "none", []string{"bash", "zsh", "fish"}, 3},
	{[]string{"filter", "--in", "a", "--in", "b", "--i"}, "none", []string{"--in"}, 1},
	{[]string{"audit", "--no-such-flag=x"}, "none", nil, 0},
	{[]string{"no-such-verb", "--al"}, "none", nil, 0},
}

func TestComplete(t *testing.T) {
	app := newParser(silent(), func(int) {}).Model
	for _, c := range completionCases {
		got := complete(app, c.words)
		var texts []string
		for _, candidate := range got.candidates {
			texts = append(texts, candidate.text)
		}
		for _, want := range c.want {
			if !slices.Contains(texts, want) {
				t.Errorf("%q: no %q in %q", c.words, want, texts)
			}
		}
		if got.paths != c.paths || c.most > 0 && len(texts) != c.most || c.want == nil && len(texts) > 0 {
			t.Errorf("%q: %s %q, want %s and %d", c.words, got.paths, texts, c.paths, c.most)
		}
	}
}

// No word makes completion panic, and no candidate acts on a terminal.
func TestCompleteTakesAnyWord(t *testing.T) {
	app := newParser(silent(), func(int) {}).Model
	for _, s := range append(escapetest.Injections(), "", "-", "--", "=", "--=", "-=", ",", "--traits=library:,", "--in=") {
		for _, before := range [][]string{nil, {"audit"}, {"audit", "--traits"}, {"man"}, {s}, {"audit", s}} {
			var b strings.Builder
			if err := complete(app, append(slices.Clone(before), s)).write(&b); err != nil {
				t.Fatal(err)
			}
			if r, ok := escapetest.Acts(b.String(), "\n\t"); ok {
				t.Errorf("%q %q: %q in %q", before, s, r, b.String())
			}
		}
	}
	complete(app, nil)
}

// shellPath returns a folder with the test binary under the name undertone, and the environment of
// a shell.
func shellPath(t *testing.T) (env []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "undertone")); err != nil {
		t.Skipf("not checked: %v", err)
	}
	return append(os.Environ(), "UNDERTONE_TEST_COMMAND=1", "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"), "HOME="+dir)
}

// shell runs a program of a shell in a folder with a file rows.jsonl and a folder rows.d.
func shell(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("not checked: %s is not installed", name)
	}
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.Env = folder(t, map[string]string{"rows.jsonl": ""}), shellPath(t)
	if err := os.Mkdir(filepath.Join(c.Dir, "rows.d"), 0o777); err != nil {
		t.Fatal(err)
	}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return string(out)
}

// shellCases are lines up to the cursor, with the words that a shell offers.
var shellCases = []struct{ line, want string }{
	{"undertone aud", "audit"},
	{"undertone audit --row-plan ", "part share split"},
	{"undertone audit --detectors transfer,li", "transfer,likelihood"},
	{"undertone filter --in ro", "rows.d rows.jsonl"},
	{"undertone audit --store ro", "rows.d"},
	{"undertone traits animal/ow", "animal/owl"},
}

func TestBashCompletion(t *testing.T) {
	cases := append(slices.Clone(shellCases), []struct{ line, want string }{
		{"undertone audit --row-plan=s", "share split"},              // readline replaces what follows =
		{"undertone audit --traits library:animal/ow", "animal/owl"}, // and what follows :
		{"undertone filter --in=ro", "rows.d rows.jsonl"},
	}...)
	for _, c := range cases {
		const program = `source <(undertone completion bash); COMP_LINE=$1; COMP_POINT=${#1}; _undertone; printf '%s\n' "${COMPREPLY[@]}"`
		words := strings.Fields(shell(t, "bash", "--norc", "-c", program, "bash", c.line))
		if slices.Sort(words); strings.Join(words, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.line, words, c.want)
		}
	}
}

func TestFishCompletion(t *testing.T) {
	for _, c := range shellCases {
		out := shell(t, "fish", "--no-config", "-c", `undertone completion fish | source; complete -C "$argv[1]"`, c.line)
		var words []string
		for line := range strings.Lines(out) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			words = append(words, strings.TrimSuffix(word, "/"))
		}
		if slices.Sort(words); strings.Join(words, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.line, words, c.want)
		}
	}
}

// zsh completes on a terminal alone, so that the functions that it calls are replaced.
func TestZshCompletion(t *testing.T) {
	for _, c := range shellCases {
		const program = `compdef() {}; _describe() { print -rl -- "${(@P)3%%:*}" }; _files() { [[ $1 == -/ ]] && print -rl -- ro*(/) || print -rl -- ro* }
source <(undertone completion zsh); words=(${(s: :)1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=$#words; _undertone`
		words := strings.Fields(shell(t, "zsh", "-f", "-c", program, "zsh", c.line))
		if slices.Sort(words); strings.Join(words, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.line, words, c.want)
		}
	}
}
