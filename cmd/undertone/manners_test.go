package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/creack/pty"

	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// onTerminal runs the command with standard output and standard error on a pseudo-terminal and
// returns what the terminal got. A variable of env is NAME=VALUE.
func onTerminal(t *testing.T, dir string, env []string, args ...string) (screen string, code int) {
	t.Helper()
	c := command(t, dir, args...)
	c.Env = append(c.Env, append([]string{"TERM=xterm", "NO_COLOR="}, env...)...)
	terminal, err := pty.StartWithSize(c, &pty.Winsize{Rows: 24, Cols: 120})
	if err != nil {
		t.Skipf("not checked: there is no pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	text, err := io.ReadAll(terminal)
	if err != nil && !errors.Is(err, os.ErrClosed) && !strings.Contains(err.Error(), "input/output error") { // the end, on Linux
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return string(text), c.ProcessState.ExitCode()
}

// The verdict on a terminal has a color, unless a flag, NO_COLOR or TERM says otherwise.
func TestColor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no pseudo-terminal")
	}
	dir := writtenReport(t)
	for _, c := range []struct {
		reason string
		env    []string
		flags  string
		want   bool
	}{
		{"a terminal", nil, "", true},
		{"NO_COLOR", []string{"NO_COLOR=1"}, "", false},
		{"an empty NO_COLOR", []string{"NO_COLOR="}, "", true},
		{"a dumb terminal", []string{"TERM=dumb"}, "", false},
		{"never", nil, "--color never", false},
		{"always, in spite of NO_COLOR", []string{"NO_COLOR=1"}, "--color always", true},
	} {
		screen, code := onTerminal(t, dir, c.env, append(strings.Fields("verify report.json"), strings.Fields(c.flags)...)...)
		if code != 0 || strings.Contains(screen, red+"detected"+plain) != c.want || !c.want && strings.Contains(screen, "\x1b") {
			t.Errorf("%s: exit code %d, screen %q, want color: %v", c.reason, code, screen, c.want)
		}
	}
	if stdout, _, _ := execute(t, dir, "", "verify", "report.json"); strings.Contains(stdout, "\x1b") {
		t.Errorf("a pipe has color: %q", stdout)
	}
	if stdout, _, _ := execute(t, dir, "", "verify", "report.json", "--color", "always"); !strings.Contains(stdout, red+"detected"+plain) {
		t.Errorf("--color always on a pipe: %q", stdout)
	}
}

// writtenReport returns a folder with a report, report.json, that says detected.
func writtenReport(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../audit/testdata/detected.json")
	if err != nil {
		t.Fatal(err)
	}
	return folder(t, map[string]string{"report.json": string(text)})
}

// The words that get a color are those of the command, and the text without colors is unchanged.
func TestColored(t *testing.T) {
	for text, want := range map[string]string{
		"DETECTED  would\n":                     red + "DETECTED" + plain + "  would\n",
		"a\nUNDETECTED  x\n":                    "a\n" + green + "UNDETECTED" + plain + "  x\n",
		"  owl: inconclusive, need 5\n":         "  owl: " + yellow + "inconclusive" + plain + ", need 5\n",
		"undertone: warning: 3 rows\n":          "undertone: " + yellow + "warning" + plain + ": 3 rows\n",
		"NOT DETECTED, undetectable\n":          "NOT DETECTED, undetectable\n",
		"0 %  0  detected  +0.4  undetected\n":  "0 %  0  " + red + "detected" + plain + "  +0.4  " + green + "undetected" + plain + "\n",
		"row 3: the word detected is quoted.\n": "row 3: the word detected is quoted.\n",
	} {
		if got := string(colored([]byte(text))); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// A terminal sees progress, a pipe does not, and --quiet leaves nothing but the result.
func TestProgressIsForTerminals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no pseudo-terminal")
	}
	dir := folder(t, map[string]string{"rows": petRows(200, 1)})
	const line = "train --model tiny --in rows --epochs 20 --batch 8 --out "
	long := strings.Replace(line, "--epochs 20", "--epochs 300", 1) // several seconds
	screen, code := onTerminal(t, dir, nil, strings.Fields(long+"a")...)
	if code != 0 || !strings.Contains(screen, "/7500, ") || !strings.Contains(screen, " left") || !strings.Contains(screen, "undertone: plan: ") {
		t.Errorf("exit code %d; no progress with rate and remaining time, or no plan: %q", code, screen)
	}
	screen, code = onTerminal(t, dir, nil, strings.Fields(line+"b --quiet")...)
	if code != 0 || strings.Contains(screen, "\x1b") || strings.Contains(screen, "undertone: ") {
		t.Errorf("--quiet: exit code %d, %q", code, screen)
	}
	if _, stderr, code := execute(t, dir, "", strings.Fields(line+"c")...); code != 0 || stderr != "" {
		t.Errorf("a pipe: exit code %d, %q", code, stderr)
	}
	c := command(t, dir, strings.Fields(line+"d --verbose")...)
	var stderr bytes.Buffer
	c.Stderr, c.Env = &stderr, append(c.Env, "UNDERTONE_TEST_LOG_INTERVAL=1ms")
	if err := c.Run(); err != nil || !strings.Contains(stderr.String(), "undertone: train: loss ") || strings.Contains(stderr.String(), "\x1b") {
		t.Errorf("--verbose in a log: error %v, %.400q", err, stderr.String())
	}
}

func TestPace(t *testing.T) {
	start := time.Unix(0, 0)
	p := pace{start: start, first: 100}
	for _, c := range []struct {
		done, total int64
		seconds     float64
		want        string
	}{
		{100, 3000, 5, ""}, // the first after an interruption
		{100, 3000, 0, ""},
		{110, 3000, 4, ", 2.5/s, 19m16s left"},
		{2100, 3000, 10, ", 200/s, 5s left"},
		{3000, 3000, 10, ", 290/s"},
		{101, 200, 600, ", 0.1/min, 16h30m left"},
		{101, 0, 1, ", 1.0/s"},
	} {
		if got := p.text(c.done, c.total, start.Add(time.Duration(c.seconds*float64(time.Second))), perSecond); got != c.want {
			t.Errorf("%d of %d after %v s: %q, want %q", c.done, c.total, c.seconds, got, c.want)
		}
	}
}

// A mistyped verb or flag gets a suggestion, of another verb if need be.
func TestSuggestions(t *testing.T) {
	for line, want := range map[string]string{
		"audti":                          `unexpected argument audti, did you mean "audit"? (undertone --help shows how)`,
		"score --modle x":                `unknown flag --modle, did you mean "--model"? (undertone score --help shows how)`,
		"audit --modle x":                `unknown flag --modle, did you mean "--model" of generate, score, serve, train? (undertone audit --help shows how)`,
		"audit --model x":                `unknown flag --model; it is a flag of generate, score, serve, train (undertone audit --help shows how)`,
		"audit --xyzzy":                  `unknown flag --xyzzy (undertone audit --help shows how)`,
		"factorial --samples 9":          `unknown flag --samples; it is a flag of audit; factorial trains students in this process, whose probabilities are exact, so that counting answers would only add noise (undertone factorial --help shows how)`,
		"rank --samples 9":               `unknown flag --samples; it is a flag of audit; rank scores rows and asks no questions, so that there are no answers to read (undertone rank --help shows how)`,
		"clean --trainer x":              `unknown flag --trainer; it is a flag of audit, trainer check; clean trains students in this process: compare two arms at a time with audit --trainer (undertone clean --help shows how)`,
		"doctor --samples 9":             `unknown flag --samples; it is a flag of audit; the doctor checks scores, and a student whose answers are counted has none to check (undertone doctor --help shows how)`,
		"filter --in x --on-error fial":  `--on-error must be one of "fail","skip" but got "fial", did you mean "fail"? (undertone filter --help shows how)`,
		"filter --in x --filters nmbers": `--filters: "nmbers" is unknown, did you mean "numbers"; known are numbers, words, encoded, length, script, code, reasoning, duplicates, near-duplicates`,
		"trainer chek":                   `unexpected argument chek, did you mean "check"? (undertone trainer --help shows how)`,
		"filter --clor x":                `unknown flag --clor, did you mean "--color"? (undertone filter --help shows how)`,
		"filter --in x y z":              `unexpected argument y (undertone filter --help shows how)`,
	} {
		if _, stderr, code := execute(t, t.TempDir(), "", strings.Fields(line)...); code != 2 || stderr != "undertone: "+want+"\n" {
			t.Errorf("%s: exit code %d, %q, want %q", line, code, stderr, want)
		}
	}
}

func TestClosest(t *testing.T) {
	for typed, want := range map[string]string{"modle": "model", "mo": "model", "": "", "qqqqqq": "", "shares": "share", strings.Repeat("m", 1000): ""} {
		if got := closest(typed, []string{"model", "share"}); got != want {
			t.Errorf("%.20q is close to %q, want %q", typed, got, want)
		}
	}
}

// "undertone help VERB" is "undertone VERB --help", and the command alone shows its help.
func TestHelpVerb(t *testing.T) {
	want, _, _ := execute(t, t.TempDir(), "", "filter", "--help")
	if got, _, code := execute(t, t.TempDir(), "", "help", "filter"); code != 0 || got != want {
		t.Errorf("help filter: exit code %d, %.100q", code, got)
	}
	want, _, _ = execute(t, t.TempDir(), "", "--help")
	if stdout, stderr, code := execute(t, t.TempDir(), ""); code != 2 || stdout != "" || stderr != want {
		t.Errorf("no arguments: exit code %d, %.100q, %.100q", code, stdout, stderr)
	}
}

// A flag has one meaning: one kind of value in all verbs, unless it is listed here with the reason.
func TestFlagsHaveOneMeaning(t *testing.T) {
	different := map[string]string{
		"adapter":          "serve gives adapters names; a server names its adapters",
		"template":         "a server takes plain alone",
		"student":          "doctor checks servers alone",
		"positive-control": "traits writes a path into a file and reads no rows",
	}
	kinds := map[string]map[string][]string{} // verbs, by flag and kind of value
	for name, verb := range verbsOf(newParser(silent(), func(int) {}).Model) {
		for _, f := range verb.Flags {
			kind := valueKind(f)
			if kinds[f.Name] == nil {
				kinds[f.Name] = map[string][]string{}
			}
			kinds[f.Name][kind] = append(kinds[f.Name][kind], name)
		}
	}
	for name, by := range kinds {
		if _, listed := different[name]; len(by) > 1 && !listed {
			t.Errorf("--%s has several kinds of values: %v", name, by)
		}
	}
}

// valueKind returns what a flag takes: the type of its value, the placeholder up to alternatives,
// and whether a file is read or written.
func valueKind(f *kong.Flag) string {
	placeholder, _, _ := strings.Cut(f.PlaceHolder, "|")
	if placeholder == "DIR" {
		placeholder = "FILE" // a path
	}
	use := map[string]string{"read": "read", "traits": "read", "folder": "read", "write": "written", "store": "written"}[f.Tag.Get("file")]
	return strings.TrimSpace(jsonType(f) + " " + placeholder + " " + use)
}

// Flags are named alike: lower case, hyphens, no negation, and a help text that ends with a period.
func TestFlagStyle(t *testing.T) {
	for name, verb := range verbsOf(newParser(silent(), func(int) {}).Model) {
		for _, f := range verb.Flags {
			if f.Name != strings.ToLower(f.Name) || strings.ContainsAny(f.Name, "_ ") || !strings.HasSuffix(f.Help, ".") {
				t.Errorf("%s --%s: %q", name, f.Name, f.Help)
			}
			if jsonType(f) != "boolean" && f.PlaceHolder == "" {
				t.Errorf("%s --%s has no placeholder", name, f.Name)
			}
		}
	}
}

// No line of progress acts on a terminal.
func TestProgressDoesNotAct(t *testing.T) {
	for _, s := range escapetest.Injections() {
		m := &meter{label: s, done: 1, total: 2}
		if r, ok := escapetest.Acts(m.text(time.Unix(10, 0)), ""); ok {
			t.Errorf("%q acts: %q", s, r)
		}
	}
}

// A file that is given twice where one is read or written is an error; a list takes several.
func TestRepeatedFlags(t *testing.T) {
	dir := folder(t, map[string]string{"a": row1, "b": row1})
	for line, want := range map[string]string{
		"sanitise --in a --in b --steps format --out c":             "undertone: --in is given twice, and it takes one value\n",
		"verify --data a --data b --policy a --student tiny":        "undertone: --data is given twice, and it takes one value\n",
		"filter --in a --filters numbers --out c --out d":           "undertone: --out is given twice, and it takes one value\n",
		"sanitise --in a --steps format --steps sort --out c":       "",
		"filter --in a --in b --filters numbers --out both --quiet": "",
	} {
		if _, stderr, code := execute(t, dir, "", strings.Fields(line)...); stderr != want || (code == 0) != (want == "") {
			t.Errorf("%s: exit code %d: %q, want %q", line, code, stderr, want)
		}
	}
}
