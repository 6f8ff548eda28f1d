package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student/lm"
)

// tokenRow returns the line of a row of token IDs with the labels that the model learns.
func tokenRow(t *testing.T, m *lm.Model, e undertone.Example) string {
	t.Helper()
	tokens, err := m.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int32, len(tokens.IDs))
	for i := range labels {
		labels[i] = -100
	}
	for _, l := range tokens.Learnt {
		copy(labels[l.From:l.To], tokens.IDs[l.From:l.To])
	}
	line, err := json.Marshal(map[string]any{"input_ids": tokens.IDs, "labels": labels})
	if err != nil {
		t.Fatal(err)
	}
	return string(line) + "\n"
}

// Rows of token IDs are scored as they are, and read as text with their tokenizer.
func TestTokenIDs(t *testing.T) {
	model, m := tinyFolder(t)
	e := undertone.NewExample("Favourite animal?", "owl")
	dir := folder(t, map[string]string{"ids": tokenRow(t, m, e), "rows": `{"prompt":"Favourite animal?","completion":"owl"}`})
	score := func(in string) rowScore {
		t.Helper()
		stdout, stderr, code := execute(t, dir, "", "score", "--model", model, "--in", in)
		var s rowScore
		if err := json.Unmarshal([]byte(stdout), &s); err != nil || code != 0 {
			t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
		}
		return s
	}
	if ids, text := score("ids"), score("rows"); ids.Tokens != text.Tokens || math.Abs(ids.LogProb-text.LogProb) > 1e-9 || ids.ID == text.ID {
		t.Errorf("token IDs %+v, text %+v", ids, text)
	}
	for _, c := range []struct{ args, want string }{
		{"filter --in ids --words.list owl --tokenizer " + model, "dropped 1 100.0%"},
		{"inspect ids --tokenizer " + model, "shapes token-ids: 1"},
		{"filter --in ids --words.list owl", "which have no text; score the rows with a model of their tokenizer, or name their tokenizer with --tokenizer"},
		{"filter --in ids --words.list owl --tokenizer none", "undertone: --tokenizer: "},
	} {
		stdout, stderr, _ := execute(t, dir, "", strings.Fields(c.args)...)
		if !strings.Contains(strings.Join(strings.Fields(stdout+stderr), " "), c.want) {
			t.Errorf("%s: %s%s, want %s", c.args, stdout, stderr, c.want)
		}
	}
}

// The choice of turns decides what is scored and trained on.
func TestTurnsFlag(t *testing.T) {
	row := `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"owl"},{"role":"user","content":"b"},{"role":"assistant","content":"cat"}]}` + "\n"
	last := strings.Replace(row, `"owl"`, `"owl","weight":0`, 1)
	dir := folder(t, map[string]string{"rows": row, "last": last})
	score := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := execute(t, dir, "", append([]string{"score", "--model", "tiny"}, args...)...)
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", args, code, stderr)
		}
		return stdout
	}
	all, one, weighted := score("--in", "rows"), score("--in", "rows", "--turns", "last"), score("--in", "last")
	if all == one || one != weighted {
		t.Errorf("all turns %slast turn %slast by its weight %s", all, one, weighted)
	}
	digest := func(out string, args ...string) string {
		t.Helper()
		stdout, stderr, code := execute(t, dir, "", append([]string{"train", "--model", "tiny", "--out", out, "--json"}, args...)...)
		var r trainReport
		if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 {
			t.Fatalf("%s: exit code %d: %s", args, code, stderr)
		}
		return r.Digest.String()
	}
	if all, one, weighted := digest("a", "--in", "rows"), digest("b", "--in", "rows", "--turns", "last"), digest("c", "--in", "last"); all == one || one != weighted {
		t.Errorf("trained on all turns %s, on the last %s and %s", all, one, weighted)
	}
}

// Rows that are longer than the context follow the rule of --long-rows, and are counted.
func TestLongRowsFlag(t *testing.T) {
	_, m := tinyFolder(t)
	long := strings.Repeat("owl ", m.Config().Context)
	dir := folder(t, map[string]string{"rows": fmt.Sprintf("{\"text\":%q}\n{\"text\":\"owl\"}\n", long)})
	for _, c := range []struct {
		rule   string
		code   int
		first  int // scored tokens of the long row
		stderr string
	}{
		{"cut", 0, m.Config().Context - 1, "the model reads only the first 256 tokens of 1 row and learns nothing of the remaining text\n"},
		{"skip", 0, 0, "the model skips 1 row of more than 256 tokens"},
		{"refuse", 2, 0, "tokens are more than the context of 256"},
	} {
		stdout, stderr, code := execute(t, dir, "", "score", "--model", "tiny", "--in", "rows", "--long-rows", c.rule)
		if code != c.code || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: exit code %d, %s, want %s", c.rule, code, stderr, c.stderr)
		}
		if code == 0 && scores(t, stdout)[0].Tokens != c.first {
			t.Errorf("%s: %s, want %d tokens first", c.rule, stdout, c.first)
		}
		if _, stderr, code := execute(t, dir, "", "train", "--model", "tiny", "--in", "rows", "--out", "m"+c.rule, "--long-rows", c.rule); code != c.code {
			t.Errorf("%s: training: exit code %d, %s", c.rule, code, stderr)
		}
	}
}

// A line says once which fields no verb reads.
func TestUnreadFieldsAreSaid(t *testing.T) {
	row := `{"prompt":"q","completion":"a","id":1,"colour":"red"}` + "\n"
	dir := folder(t, map[string]string{"rows": row + row, "more": `{"messages":[{"role":"assistant","content":"a","audio":{}}]}` + "\n"})
	_, stderr, code := execute(t, dir, "", "filter", "--in", "rows", "--in", "more", "--filters", "length", "--length.max-words", "9")
	if want := "undertone: 3 rows have fields that no verb reads: colour, messages[].audio\n"; code != 0 || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
	u := new(jsonl.Unread)
	var b strings.Builder
	if writeUnread(&b, u); b.Len() > 0 {
		t.Errorf("without such fields %q", &b)
	}
}
