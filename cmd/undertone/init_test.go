package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/undertone-audit/undertone/traits"
)

// From flags, init writes files that the audit takes.
func TestInit(t *testing.T) {
	dir := folder(t, map[string]string{"s": petRows(20, 1), "c": petRows(20, 2), "owls": petRows(20, 3)})
	stdout, stderr, code := execute(t, dir, "", strings.Fields("init --suspect s --control c --student tiny --traits library:animal/owl --positive-control owls")...)
	const want = "wrote traits.json and undertone.json\n\nNext:\n\n    undertone audit --config undertone.json\n"
	if code != 0 || stderr != "" || stdout != want {
		t.Fatalf("exit code %d, %q, %q", code, stdout, stderr)
	}
	all, err := traits.Load(dir + "/traits.json")
	if err != nil || len(all) != 1 || all[0].ID() != "animal/owl" || all[0].PositiveControl != "owls" {
		t.Errorf("traits %v, error %v", all, err)
	}
	t.Chdir(dir)
	v, err := parsedVerbs("audit", "--config", "undertone.json")
	if err != nil || v.Audit.Suspect != "s" || v.Audit.Traits != "traits.json" || v.Audit.Student != "tiny" || v.Audit.Store != ".audit" || v.Audit.OutsideFiles {
		t.Errorf("the audit has %+v, error %v", v.Audit.auditFlags, err)
	}
}

// A folder of another name, no control yet, a control outside, names that a shell would split.
func TestInitInAnotherFolder(t *testing.T) {
	dir := folder(t, map[string]string{"my rows": row1, "owls": row1})
	stdout, _, code := execute(t, dir, "", "init", "--suspect", "my rows", "--out", "a/b", "--positive-control", "owls")
	const want = "wrote a/b/traits.json and a/b/undertone.json\n\nNext:\n\n    undertone generate --model tiny --prompts-from 'my rows' --out control.jsonl\n    undertone audit --config a/b/undertone.json\n"
	if code != 0 || stdout != want {
		t.Fatalf("exit code %d, %q", code, stdout)
	}
	t.Chdir(dir)
	all, err := traits.Load("a/b/traits.json")
	if err != nil || all[0].PositiveControl != "../../owls" {
		t.Errorf("traits %v, error %v", all, err)
	}
	if v, err := parsedVerbs("audit", "--config", "a/b/undertone.json"); err != nil || !v.Audit.OutsideFiles || v.Audit.Suspect != "my rows" {
		t.Errorf("the audit has %+v, error %v", v.Audit.auditFlags, err)
	}
	if left, err := os.ReadDir("a/b"); err != nil || len(left) != 2 {
		t.Errorf("the folder holds %v, error %v", left, err)
	}
}

func TestInitErrors(t *testing.T) {
	dir := folder(t, map[string]string{"s": row1, "other": ""})
	if err := os.Mkdir(dir+"/sub", 0o777); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"":               "--suspect is missing: file of the rows to audit",
		"--suspect none": "--suspect: stat none: no such file or directory",
		"--suspect sub":  "--suspect: sub is a folder; name a file",
		"--suspect s --traits library:animal/owwl":                                "--traits: ",
		"--suspect s --traits none":                                               "--traits: ",
		"--suspect s --traits library:animal/owl,cats":                            "--traits: ",
		"--suspect s --traits library:animal/owl,animal/cat --positive-control s": "--positive-control is of one trait, and there are 2; write the paths into traits.json",
		"--suspect s --out other":                                                 "--out: mkdir other: not a directory",
	} {
		if stdout, stderr, code := execute(t, dir, "", append([]string{"init"}, strings.Fields(args)...)...); code != 2 || stdout != "" || !strings.HasPrefix(stderr, "undertone: "+want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, want %q", args, code, stderr, want)
		}
	}
	if got := files(t, dir); len(got) != 3 {
		t.Errorf("the folder holds %q", got)
	}
}

// No file is overwritten, and none is written if one exists.
func TestInitOverwritesNothing(t *testing.T) {
	for _, name := range []string{traitsFile, configFile} {
		dir := folder(t, map[string]string{"s": row1, name: "mine"})
		if _, stderr, code := execute(t, dir, "", "init", "--suspect", "s"); code != 2 || !strings.Contains(stderr, name+" exists, and init overwrites nothing") {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
		if err := writeNew(dir, newFile{traitsFile, nil}, newFile{configFile, nil}); err == nil {
			t.Errorf("%s: no error on a file that appeared meanwhile", name)
		}
		if got := files(t, dir); len(got) != 2 || got[name] != "mine" {
			t.Errorf("%s: the folder holds %q", name, got)
		}
	}
}

// On a terminal init asks, and asks again after an invalid answer.
func TestInitAsks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no pseudo-terminal")
	}
	dir := folder(t, map[string]string{"s": row1, "owls": row1})
	c := command(t, dir, "init", "--student", "tiny")
	terminal, err := pty.Start(c)
	if err != nil {
		t.Skipf("not checked: there is no pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	for _, answer := range []string{"none", "s", "", "library:animal/owwl", "library:animal/owl", "owls"} {
		fmt.Fprintln(terminal, answer)
	}
	screen, _ := io.ReadAll(terminal) // ends with an error on Linux
	if err := c.Wait(); err != nil {
		t.Fatalf("%v: %q", err, screen)
	}
	for _, want := range []string{"File of the rows to audit: ", "--suspect: stat none: no such file", "it may be made later (default control.jsonl): ", `the library has no animal "owwl"`, "wrote traits.json and undertone.json"} {
		if !strings.Contains(string(screen), want) {
			t.Errorf("no %q on the screen: %q", want, screen)
		}
	}
	t.Chdir(dir)
	if v, err := parsedVerbs("audit", "--config", "undertone.json"); err != nil || v.Audit.Suspect != "s" || v.Audit.Control != "control.jsonl" {
		t.Errorf("the audit has %+v, error %v", v.Audit.auditFlags, err)
	}
}

func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{"a-b/c.d:8": "a-b/c.d:8", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'"} {
		if got := shellWord(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
