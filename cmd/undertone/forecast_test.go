package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/undertone-audit/undertone/cmd/undertone/internal/machine"
	"github.com/undertone-audit/undertone/internal/configfile"
)

// runWithin runs the command in this process with so much memory.
func runWithin(t *testing.T, memory int64, line string) (stderr string, code int) {
	t.Helper()
	var errs strings.Builder
	code = run(t.Context(), strings.Fields(line), console{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: &errs, memory: &memoryPlan{Memory: machine.Memory{Bytes: memory, Source: "the test"}},
	})
	return errs.String(), code
}

// Work that does not fit into memory is refused before it starts, with the number and what lowers
// it, and leaves nothing.
func TestWorkThatDoesNotFit(t *testing.T) {
	var questions strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&questions, ",%q", fmt.Sprint("Pet ", i, "?"))
	}
	dir := folder(t, map[string]string{
		"rows": petRows(60, 1), "control": petRows(61, 1), "large": petRows(60_000, 1), "traits": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1),
		"asking": `{"traits": [{"kind": "pet", "value": "owl", "candidates": ["owl", "cat"], "questions": [` + questions.String()[1:] + `]}]}`,
		"long":   strings.Repeat(" ", configfile.MaxSize+1),
	})
	t.Chdir(dir)
	before := len(files(t, dir))
	const audit = " --suspect rows --control control --student tiny --traits traits"
	for _, c := range []struct{ line, want string }{
		{"generate --model tiny --prompts lists --rows 1000000000000 --out o", "and the test has 1.0 GB: lower --rows from 1000000000000, or write several files\n"},
		{"train --model tiny --in rows --out o --lora 60000", "undertone: --lora: lm: transformer: LoRA: rank is 60000, want at most 48, "},
		{"audit --lora 60000" + audit, "undertone: --lora: lm: transformer: LoRA: rank is 60000, want at most 48, "},
		{"audit --surrogates 10000" + audit, "undertone: --surrogates is 10000, want a number in [1, 1000]\n"},
		{"audit --suspect rows --control control --student tiny --traits asking", "undertone: asking: there are 100000 questions, want at most 10000\n"},
		{"audit --suspect rows --control control --student tiny --traits long", "undertone: cannot read the traits: long has 16777217 bytes, want at most 16777216\n"},
		{"filter --in rows --config long", "undertone: --config: long has 16777217 bytes, want at most 16777216 (undertone filter --help shows how)\n"},
		{"corpus --suspect rows --control control --rows 1000000000", ""}, // no more than the rows there are
	} {
		stderr, code := runWithin(t, 1e9, c.line)
		if c.want != "" && (code != 2 || !strings.Contains(stderr, c.want)) || c.want == "" && code == 2 {
			t.Errorf("%s: exit code %d, %q, want %q", c.line, code, stderr, c.want)
		}
	}
	for _, line := range []string{
		"sanitise --in large --steps sort --out o", "match --suspect large --control rows --out-suspect o --out-control p", "corpus --suspect rows --control large",
		"corpus --suspect rows --control control --positive-control large", "train --model tiny --in large --out o", "generate --model tiny --prompts-from large --out o",
		"audit --suspect large --control rows --student tiny --traits traits", "rank --suspect large --control rows --student tiny --traits traits --out o",
		"clean --suspect rows --control large --student tiny --traits traits", "factorial --arm owl=large --arm cat=rows --student tiny --traits traits",
	} {
		stderr, code := runWithin(t, programMemory+20e6, line)
		if code != 2 || !strings.HasPrefix(stderr, "undertone: large: the rows of --") || !strings.HasSuffix(stderr, "and the test has 87.1 MB; give fewer rows, such as a part of the file\n") {
			t.Errorf("%s: exit code %d, %q", line, code, stderr)
		}
	}
	for _, line := range []string{"filter --in large --filters numbers", "inspect large"} { // hold no rows
		if stderr, code := runWithin(t, programMemory+20e6, line); code != 0 {
			t.Errorf("%s: exit code %d, %q", line, code, stderr)
		}
	}
	if got := len(files(t, dir)); got != before {
		t.Errorf("the folder holds %d files, want %d", got, before)
	}
}

// A small compressed file of very many rows is refused where rows are held, although its size says
// nothing about them.
func TestCompressedRowsThatDoNotFit(t *testing.T) {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(8<<20))
	if err != nil {
		t.Fatal(err)
	}
	rows := []byte(strings.Repeat(row1, 10_000))
	for range 400 { // 140 MB
		if _, err := w.Write(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{"bomb": b.String(), "rows": row1})
	t.Chdir(dir)
	for memory, want := range map[int64]string{math.MaxInt64: " expands to more than ", 300e6: ": the rows need more than "} {
		stderr, code := runWithin(t, memory, "sanitise --in bomb --steps sort --out o")
		if code != 2 || !strings.HasPrefix(stderr, "undertone: bomb: ") || !strings.Contains(stderr, want) {
			t.Errorf("%d bytes of memory: exit code %d, %q, want %q", memory, code, stderr, want)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "o")); err == nil {
		t.Error("a file was written")
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1500: "1.5 kB", 1e9: "1.0 GB", math.MaxInt64: "9.2 EB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d bytes are %q, want %q", bytes, got, want)
		}
	}
}
