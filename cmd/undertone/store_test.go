package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A damaged value of a store is said once, with its file; the report stays the same.
func TestDamagedStore(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(120, 1), "b": petRows(121, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	args := strings.Fields("audit --suspect a --control b --student tiny --traits pets --json --epochs 1 --replicates 5 --whole 2 --detectors transfer,likelihood --surrogates 1 --store store")
	want, stderr, code := execute(t, dir, "", args...)
	if code != 3 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "store", "*.json"))
	if err != nil || len(paths) < 5 {
		t.Fatal(paths, err)
	}
	for i, path := range []string{paths[0], paths[len(paths)-1]} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.LastIndexAny(text, "0123456789")
		text[at] = '0' + (text[at]-'0'+1)%10
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		leftover := filepath.Join(dir, "store", "."+filepath.Base(path)+".0.tmp")
		if err := os.WriteFile(leftover, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := execute(t, dir, "", args...)
		said := "undertone: warning: stored value " + filepath.Join("store", filepath.Base(path)) + " is damaged and is computed again"
		if code != 3 || stdout != want || !strings.HasPrefix(stderr, said) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("damage %d: exit code %d, the report is the same: %v, %q, want %q", i, code, stdout == want, stderr, said)
		}
		if _, err := os.Stat(leftover); err == nil {
			t.Errorf("damage %d: the file of a killed run is left", i)
		}
	}
	if _, stderr, code := execute(t, dir, "", args...); code != 3 || stderr != "" {
		t.Errorf("after the repair: exit code %d, %q", code, stderr)
	}
	// A store that cannot be written is an error before anything is trained.
	args[len(args)-1] = "a/store"
	if stdout, stderr, code := execute(t, dir, "", args...); code != 2 || stdout != "" || !strings.HasPrefix(stderr, "undertone: audit: undertone: store a/store cannot be written: ") {
		t.Errorf("a store below a file: exit code %d, %q", code, stderr)
	}
}

// A damaged line of a recording is said, and its request is asked again.
func TestDamagedRecording(t *testing.T) {
	dir := folder(t, nil)
	args := strings.Fields("generate --model tiny --prompts lists --rows 4 --max-tokens 5 --out rows --recording kept")
	if _, stderr, code := execute(t, dir, "", args...); code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	want := files(t, dir)["rows"]
	kept := files(t, dir)["kept"]
	edited := strings.Replace(kept, `"answer":{"text":"`, `"answer":{"text":"edited `, 1)
	if edited == kept {
		t.Fatal(kept)
	}
	if err := os.WriteFile(filepath.Join(dir, "kept"), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := execute(t, dir, "", args...)
	if code != 0 || files(t, dir)["rows"] != want || !strings.HasPrefix(stderr, "undertone: warning: recording kept:2 is damaged and its request is asked again: the checksum is wrong\n") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}
