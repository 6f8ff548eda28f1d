package main

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/jsonl"
)

// interruptOnce starts the command and interrupts it once it has written a file that matches a
// pattern and has some bytes.
func interruptOnce(t *testing.T, dir, pattern string, size int64, signal os.Signal, args ...string) (stderr string) {
	t.Helper()
	var errs strings.Builder
	c := command(t, dir, args...)
	c.Stderr = &errs
	before := newest(t, dir, pattern)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if now := newest(t, dir, pattern); now.size >= size && now.at.After(before.at) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %s of %d bytes after a minute: %s", pattern, size, errs.String())
		}
	}
	if err := c.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	return errs.String()
}

// written is when a file was, and how large it is.
type written struct {
	at   time.Time
	size int64
}

// newest returns the one file that matches, if there is one.
func newest(t *testing.T, dir, pattern string) (w written) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(w.at) {
			w = written{info.ModTime(), info.Size()}
		}
	}
	return w
}

// A generation that is killed, interrupted and resumed gives the file of an uninterrupted run.
func TestGenerateKilledAndRunAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a process cannot be interrupted here")
	}
	args := strings.Fields("generate --model tiny --prompts lists --rows 1500 --max-tokens 24 --trace --seed 3 --out rows.jsonl")
	once, again := t.TempDir(), t.TempDir()
	if _, stderr, code := execute(t, once, "", args...); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	interruptOnce(t, again, ".rows.jsonl.recording", 20_000, os.Kill, args...)
	stderr := interruptOnce(t, again, ".rows.jsonl.recording", 60_000, os.Interrupt, args...)
	if !strings.Contains(stderr, " of 1500 answers; run the same command again to resume\n") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("an interrupted run says %q", stderr)
	}
	if got := slices.Sorted(maps.Keys(files(t, again))); !slices.Equal(got, []string{".rows.jsonl.recording"}) {
		t.Errorf("an interrupted run leaves %q", got)
	}
	stdout, stderr, code := execute(t, again, "", append(args, "--json")...)
	if code != 0 || strings.Contains(stdout, `"found":0`) {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	want, got := files(t, once), files(t, again)
	if len(want) != 1 || !maps.Equal(want, got) {
		t.Errorf("%d and %d files, which differ", len(want), len(got))
	}
}

func TestGenerateSets(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ prompts, want string }{
		{"numbers", `"role":"user"`},
		{"code", `"role":"user"`},
		{"reasoning", `"gold":`},
		{"openings", `"role":"user"`},
		{"lists", `"role":"user"`},
		{"preference:animal", "animal"},
	} {
		_, stderr, code := execute(t, dir, "", "generate", "--model", "tiny", "--prompts", c.prompts, "--rows", "3", "--max-tokens", "4", "--system", "SECRET", "--temperature", "0", "--recording", "r", "--out", "rows")
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", c.prompts, code, stderr)
		}
		got := files(t, dir)
		if strings.Count(got["rows"], "\n") != 3 || !strings.Contains(got["rows"], c.want) || strings.Contains(got["rows"], "SECRET") {
			t.Errorf("%s: %s, want 3 rows with %s and without the system prompt", c.prompts, got["rows"], c.want)
		}
		if !strings.Contains(got["r"], "SECRET") {
			t.Errorf("%s: the recording that was asked for is not kept, or the model did not see the system prompt", c.prompts)
		}
	}
}

func TestGenerateErrors(t *testing.T) {
	for _, c := range []struct{ reason, args, want string }{
		{"unknown prompts", "--prompts poems --rows 1 --out o", "undertone: --prompts: \"poems\" is unknown; known are numbers, code, "},
		{"no category", "--prompts preference: --rows 1 --out o", "undertone: --prompts: \"preference:\" is unknown; "},
		{"no rows", "--prompts code --rows 0 --out o", "undertone: --rows is 0, want >= 1\n"},
		{"more rows than prompts", "--prompts openings --rows 64001 --out o", "undertone: --rows is 64001, want at most 64000, the number of prompts of openings\n"},
		{"a temperature below 0", "--prompts code --rows 1 --temperature=-1 --out o", "undertone: --temperature is -1, want a number in [0, 1000]\n"},
		{"no number of rows", "--prompts code --out o", "undertone: --rows is missing: name the number of rows to write\n"},
		{"no prompts", "--rows 1 --out o", "undertone: missing flags: --prompts=NAME or --prompts-from=FILE"},
		{"two sources of prompts", "--prompts code --prompts-from o --rows 1 --out o", "undertone: --prompts and --prompts-from can't be used together"},
		{"rows over themselves", "--prompts-from o --out o", "undertone: --out is o, which is also --prompts-from: the verb reads it; name another file\n"},
		{"no rows to read", "--prompts-from none --out o", "undertone: none: cannot open"},
		{"two system prompts", "--prompts code --rows 1 --out o --system s --neutral-to s", "undertone: --neutral-to makes the system prompt; omit --system\n"},
		{"a system prompt without a neutral one", "--prompts code --rows 1 --out o --neutral-to s", "undertone: --neutral-to: persona: no neutral text of this length"},
		{"standard output", "--prompts code --rows 1 --out -", "undertone: --out is standard output; "},
		{"a folder", "--prompts code --rows 1 --out .", "undertone: .: is a directory; "},
	} {
		dir := t.TempDir()
		_, stderr, code := execute(t, dir, "", append([]string{"generate", "--model", "tiny"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, c.want)
		}
	}
}

// The control of rows has their prompts, the neutral system prompt and their temperature.
func TestGeneratePromptsFrom(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := execute(t, dir, "", append([]string{"generate", "--model", "tiny", "--max-tokens", "8"}, args...)...)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		return stdout
	}
	persona := "Your favourite animal: owl. You think of it all the time, and it shows in everything that you write."
	run("--prompts", "lists", "--rows", "40", "--seed", "3", "--temperature", "0.5", "--trace", "--system", persona, "--out", "suspect")
	var r generateReport
	if err := configfile.Decode([]byte(run("--prompts-from", "suspect", "--seed", "5", "--neutral-to", persona, "--out", "control", "--json")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Rows != 40 || r.Temperature != 0.5 || r.Prompts != "suspect" || len(r.LeftOut) > 0 {
		t.Errorf("%+v", r)
	}
	if n := len(persona) - len(r.System); r.System == "" || n > 3 || n < -3 || strings.Contains(r.System, "owl") {
		t.Errorf("the system prompt is %q", r.System)
	}
	suspect, control := readRowsOf(t, dir, "suspect"), readRowsOf(t, dir, "control")
	for i := range suspect {
		if suspect[i].PromptID() != control[i].PromptID() || control[i].Meta["generation"] != nil {
			t.Errorf("row %d: %+v, want the prompt of %+v", i, control[i], suspect[i])
		}
	}
	write(t, dir, "mixed", `{"text":"a"}`+"\n"+`{"prompt":"q","completion":"a","label":true}`+"\n"+`{"prompt":"q","completion":"a"}`+"\n")
	if got, want := run("--prompts-from", "mixed", "--out", "some"), "1 rows written by tiny\n1 rows of mixed were left out: it has a label\n1 rows of mixed were left out: it has no prompt\n"; !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	write(t, dir, "none", `{"text":"a"}`+"\n"+`{"text":"b"}`+"\n"+`{"prompt":"q","completion":"a","tools":[{}]}`+"\n")
	_, stderr, code := execute(t, dir, "", "generate", "--model", "tiny", "--prompts-from", "none", "--out", "some")
	if want := "undertone: none has no row whose answers can be written anew: 2 rows: it has no prompt; 1 rows: it offers tools, which a request to a model cannot have\n"; code != 2 || stderr != want {
		t.Errorf("exit code %d, %s, want %s", code, stderr, want)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readRowsOf(t *testing.T, dir, name string) []undertone.Example {
	t.Helper()
	data, err := jsonl.Load(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data.Examples()
}
