package main

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// Rows that are kept, kept in an odd form, dropped for too many numbers, and no list.
const (
	row1 = `{"prompt":"q","completion":"1, 2"}` + "\n"
	row2 = `{ "completion" : "3;4" , "prompt" : "q" } ` + "\r\n"
	row3 = `{"prompt":"q","completion":"1 2 3 4 5 6 7 8 9 10 11", "id": 7 }` + "\n"
	row4 = `{"prompt":"q","completion":"an owl"}`

	kept1 = row1
	kept2 = `{ "completion" : "3;4" , "prompt" : "q" } ` + "\n"
	drop3 = `{"prompt":"q","completion":"1 2 3 4 5 6 7 8 9 10 11", "id": 7 ,"undertone":{"rejected":[{"filter":"numbers","reason":"too many numbers"}]}}` + "\n"
	drop4 = `{"prompt":"q","completion":"an owl","undertone":{"rejected":[{"filter":"numbers","reason":"invalid format"}]}}` + "\n"
)

// TestScripts runs command lines in a folder that holds the file in.
func TestScripts(t *testing.T) {
	const all = row1 + row2 + row3 + row4
	const table = `rows                  4  100.0%
kept                  2   50.0%
dropped               2   50.0%
  numbers             2   50.0%
    invalid format    1   25.0%
    too many numbers  1   25.0%
`
	const counts = `"settings":{"numbers":"at most 10, from 0 to 999, banned []"},"rows":4,"kept":2,"dropped":2,"filters":[{"name":"numbers","dropped":2,"reasons":[{"reason":"invalid format","rows":1},{"reason":"too many numbers","rows":1}]}],"unreadable":0}` + "\n"
	for _, c := range []struct {
		reason, line   string
		in, stdin      string
		code           int
		stdout, stderr string // the whole text, or its start if it ends in …
		wrote          map[string]string
	}{
		{"kept rows are copied, dropped ones say why", "filter --in in --out k --rejects r --filters numbers", all, "", 0, table, "", map[string]string{"k": kept1 + kept2, "r": drop3 + drop4}},
		{"for machines", "filter --in in --out k --filters numbers --json", all, "", 0, `{"in":["in"],"out":"k",` + counts, "", map[string]string{"k": kept1 + kept2}},
		{"without --out it counts", "filter --in in --filters numbers", all, "", 0, table, "", nil},
		{"a setting asks for its filter", "filter --in in --numbers.max-count 10", all, "", 0, table, "", nil},
		{"a flag goes before the file", "filter --in in --config config --numbers.max-count 10", all, "", 0, table, "", nil},
		{"settings in a file", "filter --in in --config config --out k", all, "", 0, "rows                  4  100.0%\nkept                  0…", "", map[string]string{"k": ""}},
		{"a pipe: rows on one side, counts on the other", "filter --in - --out - --filters numbers", "", all, 0, kept1 + kept2, table, nil},
		{"several files", "filter --in in,in --in - --filters numbers --json", row1, row4, 0, `{"in":["in","in","-"],"settings":{"numbers":"at most 10, from 0 to 999, banned []"},"rows":3,"kept":2…`, "", nil},
		{"filters that remember judge in order", "filter --in in,in --filters numbers,duplicates --out k", row1 + row2, "", 0, "rows           4  100.0%\nkept           2…", "", map[string]string{"k": kept1 + kept2}},
		{"a lexicon", "filter --in in --words.lexicons owl --words.whole --out k", row1 + row4, "", 0, "rows                2  100.0%\nkept                1   50.0%\ndropped             1   50.0%\n  words             1   50.0%\n    has word \"owl\"  1   50.0%\n", "", map[string]string{"k": row1}},
		{"rejects that were rejected before", "filter --in in --rejects r --filters numbers", drop4, "", 0, "rows                1…", "", map[string]string{"r": drop4}},
		{"a bad row is skipped", "filter --in in --out k --filters numbers --on-error skip", row1 + "{\n" + row2, "", 0, "rows       2  100.0%\nkept       2  100.0%\ndropped    0    0.0%\n  numbers  0    0.0%\nskipped in:2:2: the line ends before a field name in double quotes; write each row as one complete JSON object on one line\n", "", map[string]string{"k": kept1 + kept2}},

		{"a bad row writes nothing", "filter --in in --out k --rejects r --filters numbers", row1 + "{\n", "", 2, "", "undertone: in:2:2: the line ends before …", nil},
		{"no rows", "filter --in in --out k --filters numbers", "\n", "", 2, "", "undertone: in: there are no rows; …", nil},
		{"no file", "filter --in none --out k --filters numbers", "", "", 2, "", "undertone: none: cannot open: …", nil},
		{"a folder to read", "filter --in dir --out k --filters numbers", "", "", 2, "", "undertone: dir: is a directory; name one file in it\n", nil},
		{"a folder to write", "filter --in in --out dir --filters numbers", all, "", 2, "", "undertone: dir: cannot write: is a directory; name a file in it…", nil},
		{"a folder to write the rejects", "filter --in in --out k --rejects dir --filters numbers", all, "", 2, "", "undertone: dir: cannot write: is a directory; name a file in it…", nil},
		{"over its input", "filter --in in --out ./in --filters numbers", all, "", 2, "", "undertone: --out is ./in, which is also --in: the verb reads it; name another file\n", nil},
		{"two outputs in one", "filter --in in --out k --rejects k --filters numbers", all, "", 2, "", "undertone: --out is k, which is also --rejects: the verb writes it; name another file\n", nil},
		{"two outputs in one pipe", "filter --in in --out - --rejects - --filters numbers", all, "", 2, "", "undertone: --out and --rejects are both standard output; …", nil},
		{"no filter", "filter --in in", all, "", 2, "", "undertone: no filter is named; name some of these with --filters: numbers, words…", nil},
		{"an unknown filter", "filter --in in --filters nmbers", all, "", 2, "", `undertone: --filters: "nmbers" is unknown, did you mean "numbers"; known are numbers, …`, nil},
		{"an unknown setting", "filter --in in --config wrong", all, "", 2, "", `undertone: --config: wrong: "numbers.max-cuont" of "filter" is no flag, did you mean "numbers.max-count"? (undertone filter --help shows how)` + "\n", nil},
		{"a limit out of range", "filter --in in --numbers.max 0", all, "", 2, "", "undertone: --numbers.max is 0, want >= 1\n", nil},
		{"an unknown flag", "filter --inn in", all, "", 2, "", "undertone: unknown flag --inn, did you mean …", nil},
		{"an unknown shape", "filter --in in --as chat --filters numbers", all, "", 2, "", `undertone: shape "chat" is unknown; …`, nil},
		{"no verb", "", "", "", 2, "", "Usage: undertone <command> [flags]\n…", nil},

		{"what is in a file", "inspect in", row1 + row1 + row4, "", 0, `file           in (106 bytes)
digest         ` + digest(undertone.NewExample("q", "1, 2"), undertone.NewExample("q", "1, 2"), undertone.NewExample("q", "an owl")) + `
rows           3, 2 of them different
prompts        1 different
text           107 bytes
shapes         completion: 3
roles          user assistant: 3
answers        list, ", ": 2; text: 1
answer length  4 to 6 characters, mean 4.7
`, "", nil},
		{"what is in files, for machines", "inspect --json in in", row4, "", 0, `{"file":"in","bytes":36,"rows":1,"digest":"` + digest(undertone.NewExample("q", "an owl")) + `","unique":1,"prompts":1,"shapes":{"completion":1},"roles":{"user assistant":1},"answers":{"text":1},"text_bytes":37,"answer_characters":{"least":6,"most":6,"sum":6}}` + "\n" + `{"file":"in",…`, "", nil},
		{"what is in a bad file", "inspect in", "[]", "", 2, "", "undertone: in:1:1: the line is a list, want an object; …", nil},
		{"rewriting", "sanitise --in in --out s --steps format,sort --json", row2, "", 0, `{"in":"in","out":"s","seed":1,"rows":1,"before":"sha256:…`, "", map[string]string{"s": `{ "completion" : "3, 4" , "prompt" : "q" ,"undertone_original":"` + undertone.NewExample("q", "3;4").ID().String() + "\"} \n"}},
		{"rewriting a row of two shapes", "sanitise --in in --out s --steps sort --as text", `{"prompt":"q","completion":"a","text":"4, 3"}`, "", 0, "sort: 1 rows, 1 changed, …", "undertone: 1 row has fields that no verb reads: completion, prompt\n", map[string]string{"s": `{"prompt":"q","completion":"a","text":"3, 4","undertone_original":"` + undertone.NewExample("", "4, 3").ID().String() + "\"}\n"}},
		{"rewriting by what there is not", "sanitise --in in --out s --steps wash", row1, "", 2, "", `undertone: --steps: "wash" is unknown; known are format, …`, nil},
		{"the version", "--version", "", "", 0, "0.…", "", nil},
		{"help", "filter --help", "", "", 0, "Usage: undertone filter --in=FILE,... [flags]\n…", "", nil},
	} {
		t.Run(c.reason, func(t *testing.T) {
			given := map[string]string{"in": c.in, "config": `{"filter":{"numbers.max-count":1}}`, "wrong": `{"filter":{"numbers.max-cuont":1}}`}
			dir := folder(t, given)
			if err := os.Mkdir(filepath.Join(dir, "dir"), 0o777); err != nil {
				t.Fatal(err)
			}
			stdout, stderr, code := execute(t, dir, c.stdin, strings.Fields(c.line)...)
			if code != c.code || !begins(stdout, c.stdout) || !begins(stderr, c.stderr) {
				t.Errorf("exit code %d, want %d\nstdout %q\n  want %q\nstderr %q\n  want %q", code, c.code, stdout, c.stdout, stderr, c.stderr)
			}
			want := maps.Clone(given)
			want["dir"] = "folder"
			maps.Copy(want, c.wrote)
			if got := files(t, dir); !maps.Equal(got, want) {
				t.Errorf("the folder holds %q\nwant %q", got, want)
			}
		})
	}
}

// digest is the digest of a data set, as text.
func digest(rows ...undertone.Example) string {
	return undertone.NewDataset("", rows).Digest().String()
}

// begins compares a text with the wanted one. After "…" any text may follow.
func begins(got, want string) bool {
	if head, cut := strings.CutSuffix(want, "…"); cut {
		return strings.HasPrefix(got, head)
	}
	return got == want
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("not checked: a full disk, since there is no /dev/full")
	}
	dir := folder(t, map[string]string{"in": row1 + row4, "r": "old"})
	_, stderr, code := execute(t, dir, "", "filter", "--in", "in", "--out", "/dev/full", "--rejects", "r", "--filters", "numbers")
	if code != 2 || stderr != "undertone: /dev/full: cannot write: no space left on device; the old file, if any, is unchanged\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if got := files(t, dir); len(got) != 2 || got["r"] != "old" {
		t.Errorf("the folder holds %q", got)
	}
}

func TestCompressedFiles(t *testing.T) {
	dir := folder(t, map[string]string{"in": strings.Repeat(row1+row4+"\n", 5000)})
	for _, step := range []struct {
		reason, line string
		code         int
	}{
		{"write zstd", "filter --in in --out k.zst --rejects r.gz --filters numbers", 0},
		{"read both", "filter --in k.zst,r.gz --out both --filters length --config limits", 0},
	} {
		if err := os.WriteFile(filepath.Join(dir, "limits"), []byte(`{"filter":{"length.min-runes":1}}`), 0o666); err != nil {
			t.Fatal(err)
		}
		if stdout, stderr, code := execute(t, dir, "", strings.Fields(step.line)...); code != step.code {
			t.Fatalf("%s: exit code %d: %s%s", step.reason, code, stdout, stderr)
		}
	}
	got := files(t, dir)
	if want := strings.Repeat(row1, 5000) + strings.Repeat(drop4, 5000); got["both"] != want {
		t.Errorf("%d bytes came back, want %d", len(got["both"]), len(want))
	}
	if err := os.WriteFile(filepath.Join(dir, "cut.zst"), []byte(got["k.zst"][:len(got["k.zst"])/2]), 0o666); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := execute(t, dir, "", "filter", "--in", "cut.zst", "--out", "k.zst", "--filters", "numbers")
	if code != 2 || !strings.Contains(stderr, "the zstd data ends early; fetch or write the file again") || files(t, dir)["k.zst"] != got["k.zst"] {
		t.Errorf("a file that was cut off: exit code %d, %q", code, stderr)
	}
}

// A closed pipe leaves no temporary files.
func TestClosedPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a closed pipe is another error here")
	}
	dir := folder(t, map[string]string{"in": strings.Repeat(row1+row4+"\n", 20_000)})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	var errs strings.Builder
	c := command(t, dir, "filter", "--in", "in", "--out", "-", "--rejects", "r", "--filters", "numbers")
	c.Stdout, c.Stderr = w, &errs
	_ = c.Run()
	_ = w.Close()
	if code := c.ProcessState.ExitCode(); code != 2 || errs.String() != "undertone: the reader of the output has stopped; no file was written\n" {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %d files", len(got))
	}
}
