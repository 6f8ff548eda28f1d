package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/compress"
	"github.com/undertone-audit/undertone/jsonl"
)

// questions returns n rows as lines.
func questions(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"prompt":"question %d","completion":"answer %d"}`+"\n", i/2, i)
	}
	return b.String()
}

// question returns row i of questions.
func question(i int) undertone.Example {
	return undertone.NewExample(fmt.Sprint("question ", i/2), fmt.Sprint("answer ", i))
}

func packed(t *testing.T, path, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := compress.NewWriter(path, &b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A row is printed with its position and its messages, however the file is read.
func TestInspectRow(t *testing.T) {
	text := questions(100)
	row := question(17)
	want := fmt.Sprintf("row 17 of FILE: line 18, offset %d, 48 bytes, shape completion\n  id          %s\n  prompt      %s\n  user        question 8\n  assistant * answer 17\n",
		strings.Index(text, `{"prompt":"question 8","completion":"answer 17"`), row.ID(), row.PromptID())
	for _, c := range []struct {
		reason, name, content, flags string
		index                        bool // is beside the file afterwards
	}{
		{"a small file", "rows.jsonl", text, "", false},
		{"with an index", "rows.jsonl", text, "--index", true},
		{"gzip", "rows.jsonl.gz", packed(t, "rows.gz", text), "", false},
		{"zstd", "rows.jsonl.zst", packed(t, "rows.zst", text), "", false},
		{"several blocks", "rows.jsonl", text + questions(20_000), "", false},
		{"a row after it that cannot be read", "rows.jsonl", text + "{}\n", "", false},
		{"standard input", "-", text, "", false},
	} {
		dir := folder(t, map[string]string{strings.ReplaceAll(c.name, "-", "unused"): c.content})
		args := strings.Fields("inspect --in " + c.name + " --row 17 " + c.flags)
		for range 2 { // with an index, the second time it is there
			stdout, stderr, code := execute(t, dir, c.content, args...)
			if code != 0 || stderr != "" || stdout != strings.ReplaceAll(want, "FILE", c.name) {
				t.Errorf("%s: exit code %d, %q\n got %s\nwant %s", c.reason, code, stderr, stdout, want)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, jsonl.IndexPath(c.name))); (err == nil) != c.index {
			t.Errorf("%s: the index: %v", c.reason, err)
		}
	}
}

func TestInspectRowJSON(t *testing.T) {
	dir := folder(t, map[string]string{"rows": questions(3) + `{"prompt":"q","chosen":"a","rejected":"b\u202e\u001b","model":"m","n":[1]}` + "\n"})
	stdout, _, code := execute(t, dir, "", "inspect", "--in", "rows", "--row", "3,0", "--json")
	lines := strings.SplitAfter(stdout, "\n")
	if code != 0 || len(lines) != 3 || strings.ContainsAny(stdout, "\u202e\x1b") {
		t.Fatalf("exit code %d, %q", code, stdout)
	}
	var row shownRow
	if err := json.Unmarshal([]byte(lines[0]), &row); err != nil {
		t.Fatal(err)
	}
	if row.Index != 3 || row.Line != 4 || row.Rejected != "b\u202e\x1b" || row.Generator != "m" || row.Shape != jsonl.Preference || len(row.Messages) != 2 || fmt.Sprint(row.Meta) != "map[model:m n:[1]]" {
		t.Errorf("%+v", row)
	}
	if row = (shownRow{}); json.Unmarshal([]byte(lines[1]), &row) != nil || row.Index != 0 || row.ID != question(0).ID() {
		t.Errorf("%+v", row)
	}
}

// No text of a row controls the terminal or looks like another field.
func TestInspectRowIsSafeToPrint(t *testing.T) {
	dir := folder(t, map[string]string{"rows": `{"messages":[{"role":"critic","content":"\u001b[2J\u009b1m\u202eevil\u2066 \u200b\u00ad\ufeff\u0007"},{"role":"assistant","content":"one\n  id         forged\r\ntab\there é 漢 🦉 \\"}],"x\u001b":1}` + "\n"})
	stdout, _, code := execute(t, dir, "", "inspect", "--in", "rows", "--row", "0")
	_, shown, _ := strings.Cut(stdout, "prompt")
	_, shown, _ = strings.Cut(shown, "\n")
	want := `  metadata    x<U+001B>
  critic      <U+001B>[2J<U+009B>1m<U+202E>evil<U+2066> <U+200B><U+00AD><U+FEFF><U+0007>
  assistant * one
                id         forged<U+000D>
              tab	here é 漢 🦉 \
`
	if code != 0 || shown != want {
		t.Errorf("exit code %d\n got %q\nwant %q", code, shown, want)
	}
}

func TestInspectRowClips(t *testing.T) {
	dir := folder(t, map[string]string{"rows": `{"text":"ééééééééé"}` + "\n"})
	for flags, want := range map[string]string{
		"--max-chars 3": "ééé … (6 more characters)\n", "--max-chars 9": " ééééééééé\n", "--max-chars 0": " ééééééééé\n", "": " ééééééééé\n",
	} {
		stdout, _, _ := execute(t, dir, "", strings.Fields("inspect --in rows --row 0 "+flags)...)
		if !strings.HasSuffix(stdout, want) {
			t.Errorf("%q: %q", flags, stdout)
		}
	}
}

func TestInspectRowErrors(t *testing.T) {
	dir := folder(t, map[string]string{
		"rows": questions(3), "rows.gz": packed(t, "rows.gz", questions(3)), "bad": questions(1) + "{}\n", "empty": "", "names": `{"a":[{"index":1}]}`, "text": "no JSON",
		"report": `{"top":[{"index":1,"id":"` + question(0).ID().String() + `"}]}`, "far": `{"top":[{"index":9,"id":"` + question(0).ID().String() + `"}]}`,
	})
	for _, c := range []struct{ args, want string }{
		{"", "no file is named; name files or models, or rows with --in and --row"},
		{"--row 1", "--row and --from-report need --in, the file of the rows"},
		{"--in rows", "--in needs --row or --from-report, which say what to print; without --in, name the file alone"},
		{"--in rows --row 1 --from-report report", "--row and --from-report exclude each other"},
		{"--in rows --row=-1", "--row is -1, want >= 0"},
		{"--in rows --row 1 --top 0 ", "--top is 0, want >= 1"},
		{"--in rows --row 1 --max-chars=-1", "--max-chars is -1, want >= 0"},
		{"rows --in rows --row 1", "--in, --row and --from-report print rows of one file; drop rows, or name it with --in"},
		{"--in rows --row 3", "rows: row 3 is out of range [0, 3)"},
		{"--in rows --row 3 --index", "rows: row 3 is out of range [0, 3)"},
		{"--in none --row 0", "none: cannot open: no such file or directory; check the path"},
		{"--in bad --row 1", `bad:2: the row has no known shape: it has no fields; known shapes: `},
		{"--in empty --row 1", "empty: there are no rows; check the program that writes them"},
		{"--in rows.gz --row 1 --index", "--index: rows.gz cannot have an index, because it is compressed or a pipe; omit --index to read it from its start\n"},
		{"--in none --row 1 --index", "none: cannot open: no such file or directory; check the path"},
		{"--in - --row 1 --index", "--index: - cannot have an index, "},
		{"--in rows --from-report none", "--from-report: open none: no such file or directory"},
		{"--in rows --from-report text", "--from-report text: it is not JSON: invalid character 'o' in literal null (expecting 'u')"},
		{"--in rows --from-report names", "--from-report names: it names no rows; audit with the detectors likelihood, influence or corpus, or rank"},
		{"--in rows --from-report report", "rows: row 1 has the ID " + question(1).ID().Short() + ", but the report names " + question(0).ID().Short() + "; give the file that the report is about, unchanged"},
		{"--in rows --from-report far", "rows: row 9 is out of range [0, 3)"},
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields("inspect "+c.args)...)
		if code != 2 || stdout != "" || !strings.HasPrefix(stderr, "undertone: "+c.want) {
			t.Errorf("inspect %s: exit code %d, %q\n got %swant undertone: %s", c.args, code, stdout, stderr, c.want)
		}
		_ = os.Remove(filepath.Join(dir, jsonl.IndexPath("rows")))
	}
}

// A file that changed after its index was built is refused until the index is deleted.
func TestInspectRowOfAChangedFile(t *testing.T) {
	dir := folder(t, map[string]string{"rows": questions(3)})
	args := strings.Fields("inspect --in rows --row 0 --index")
	if _, stderr, code := execute(t, dir, "", args...); code != 0 {
		t.Fatal(stderr)
	}
	if err := os.WriteFile(filepath.Join(dir, "rows"), []byte(questions(4)), 0o666); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := execute(t, dir, "", args...)
	if want := "undertone: rows: the file has 192 bytes, 144 when its index was built; if the file is right, delete rows.undertone-index and build the index again\n"; code != 2 || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
	if err := os.Remove(filepath.Join(dir, "rows.undertone-index")); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := execute(t, dir, "", args...); code != 0 {
		t.Error(stderr)
	}
}

// The rows that reports name are printed, list by list.
func TestInspectReport(t *testing.T) {
	ref := func(name string, i int, more string) string {
		return fmt.Sprintf(`{"%s":"%s","index":%d%s}`, name, question(i).ID(), i, more)
	}
	rank := ""
	for i := range 15 {
		rank += ref("id", 14-i, `,"score":1.5,"detector":"likelihood","trait":"prefers animal owl","tokens":[{"index":3}]`) + "\n"
	}
	dir := folder(t, map[string]string{
		"rows": questions(40),
		"audit": `{"suspect":{"digest":"sha256:00"},"evidence":[{"detector":"corpus","top":[` + ref("row", 5, `,"score":0.5`) + `]}],
			"findings":[{"detector":"likelihood","trait":"owl","row_scores":{"top":[` + ref("row", 7, `,"score":-2`) + "," + ref("row", 30, "") + `]}},{"detector":"transfer","trait":"owl"}]}`,
		"rank":     rank,
		"rank.zst": packed(t, "rank.zst", rank),
		"corpus":   `{"rows":[` + ref("id", 3, `,"prompt":"sha256:00","score":2`) + `]}`,
	})
	for _, c := range []struct {
		args string
		want []string // parts of the output, in order
		rows int
	}{
		{"--from-report audit", []string{"corpus\n\nrow 5 of rows: ", "  score       +0.500\n", "answer 5\n\nlikelihood, owl\n\nrow 7 of ", "-2.000\n", "row 30 of "}, 3},
		{"--from-report rank", []string{"likelihood, prefers animal owl\n\nrow 14 of", "row 13 of", "row 5 of"}, 10},
		{"--from-report rank.zst --top 2", []string{"row 14 of", "row 13 of"}, 2},
		{"--from-report rank --top 2 --index", []string{"row 14 of", "row 13 of"}, 2},
		{"--from-report corpus", []string{"rows\n\nrow 3 of", "+2.000", "answer 3"}, 1},
		{"--from-report corpus --json", []string{`{"index":3,"score":2,"file":"rows","id":"` + question(3).ID().String()}, 0},
		{"--from-report audit --json", []string{`{"detector":"corpus","index":5,"score":0.5,`, `{"detector":"likelihood","trait":"owl","index":7,"score":-2,`}, 0},
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields("inspect --in rows "+c.args)...)
		if code != 0 || strings.Count(stdout, " of rows: line ") != c.rows {
			t.Errorf("%s: exit code %d, %s%s", c.args, code, stderr, stdout)
		}
		rest := stdout
		for _, part := range c.want {
			var ok bool
			if _, rest, ok = strings.Cut(rest, part); !ok {
				t.Errorf("%s: %q is not in\n%s", c.args, part, stdout)
			}
		}
	}
}

// The outputs of the command's own verbs name rows that inspect prints.
func TestInspectReportOfVerbs(t *testing.T) {
	dir := folder(t, map[string]string{"a": questions(200), "b": strings.ReplaceAll(questions(200), "answer", "reply")})
	score, stderr, code := execute(t, dir, "", "score", "--model", "tiny", "--in", "a")
	if code != 0 {
		t.Fatal(stderr)
	}
	corpus, stderr, _ := execute(t, dir, "", "corpus", "--suspect", "a", "--control", "b", "--json")
	for name, text := range map[string]string{"score": score, "corpus": corpus} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		stdout, problem, code := execute(t, dir, "", "inspect", "--in", "a", "--from-report", name, "--top", "3")
		if code != 0 || strings.Count(stdout, " of a: line ") != 3 {
			t.Errorf("%s: exit code %d, %s%s\n%s%s", name, code, problem, stdout, text, stderr)
		}
	}
}

// FuzzReferences reads arbitrary reports.
func FuzzReferences(f *testing.F) {
	id := question(0).ID().String()
	f.Add(`{"findings":[{"detector":"d","trait":"t","row_scores":{"top":[{"row":"` + id + `","index":0,"score":1}]}}]}`)
	f.Add(`{"index":3,"id":"` + id + `","score":1e999}` + "\n" + `{"index":-1,"id":"` + id + `"}`)
	f.Add(`[[[{"index":1.5,"id":"` + id + `"},{"index":9223372036854775808,"row":"x"}]]]`)
	f.Fuzz(func(t *testing.T, text string) {
		refs, err := references(strings.NewReader(text), 3)
		if err != nil && refs != nil {
			t.Errorf("both references and %v", err)
		}
		lists := map[string]int{}
		for _, r := range refs {
			if lists[r.title()]++; r.Index < 0 || r.id.IsZero() && !strings.Contains(text, "00000") || lists[r.title()] > 3 {
				t.Errorf("reference %+v", r)
			}
		}
	})
}

// Fields that no verb reads are said once, whether an index is built, exists or is not used.
func TestInspectRowSaysUnreadFields(t *testing.T) {
	dir := folder(t, map[string]string{"rows": `{"text":"a","x":1}` + "\n" + `{"text":"b","x":1}` + "\n"})
	for _, c := range []struct{ args, want string }{
		{"--row 1", "undertone: 1 row has fields that no verb reads: x\n"},
		{"--row 1 --index", "undertone: 2 rows have fields that no verb reads: x\n"},
		{"--row 1 --index", "undertone: 1 row has fields that no verb reads: x\n"},
	} {
		if _, stderr, code := execute(t, dir, "", append([]string{"inspect", "--in", "rows"}, strings.Fields(c.args)...)...); code != 0 || stderr != c.want {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
}
