package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// scores reads the lines of the output.
func scores(t *testing.T, text string) (all []rowScore) {
	t.Helper()
	for line := range strings.Lines(text) {
		var s rowScore
		if err := configfile.Decode([]byte(line), &s); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, s)
	}
	return all
}

// Rows keep their order over blocks and files, and have the scores that the library gives.
func TestScore(t *testing.T) {
	dir, m := tinyFolder(t)
	var text strings.Builder
	var examples []undertone.Example
	for i := range 700 { // several batches
		examples = append(examples, undertone.NewExample(fmt.Sprintf("Continue: %d, %d", 10+i, 990-i), fmt.Sprint(i)))
		fmt.Fprintf(&text, `{"prompt":%q,"completion":%q}`+"\n", examples[i].Prompt(), examples[i].Completion())
	}
	examples = append(examples, undertone.NewExample("", "owl"))
	text.WriteString(`{"text":"owl"}` + "\n")
	encoded, err := m.Encode(examples[0])
	if err != nil {
		t.Fatal(err)
	}
	ids, err := json.Marshal(encoded.IDs)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&text, `{"ids":%s}`+"\n", ids)
	want, err := m.LogProb(t.Context(), examples)
	if err != nil {
		t.Fatal(err)
	}
	at := folder(t, map[string]string{"in": text.String()})
	for _, model := range []string{dir, "tiny"} {
		stdout, stderr, code := execute(t, at, "", "score", "--model", model, "--in", "in")
		if code != 0 || !strings.HasPrefix(stderr, "702 rows, ") {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		got := scores(t, stdout)
		if len(got) != 702 {
			t.Fatalf("%d rows, want 702", len(got))
		}
		for i, w := range want {
			tokens, err := m.Encode(examples[i])
			if err != nil {
				t.Fatal(err)
			}
			if g := got[i]; g.Index != i || g.ID != examples[i].ID() || g.Tokens != tokens.Scored() || math.Abs(g.LogProb-w) > 1e-3 {
				t.Errorf("row %d: %+v, want %d tokens, log-probability %v", i, g, tokens.Scored(), w)
			}
		}
		if g := got[701]; g.Index != 701 || g.Tokens != len(encoded.IDs)-1 || g.LogProb > got[0].LogProb {
			t.Errorf("token ids: %+v, want all %d tokens but the first, which include those of row 0 (%v)", g, len(encoded.IDs), got[0].LogProb)
		}
	}
	stdout, _, code := execute(t, at, "", "score", "--model", "tiny", "--in", "in", "--in", "in", "--out", "s.gz", "--json")
	var s scoreSummary
	if err := configfile.Decode([]byte(stdout), &s); err != nil || code != 0 || s.Rows != 1404 || s.Digest != m.Digest() {
		t.Errorf("exit code %d, summary %+v (%v)", code, s, err)
	}
}

// A model whose weights are damaged scores rows worse than guessing, and the summary says so.
func TestScoreWarnings(t *testing.T) {
	dir, m := tinyFolder(t)
	path := filepath.Join(dir, "model.safetensors")
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []safetensors.Tensor
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		x, err := f.Float32s(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x { // other weights of the same size
			x[i] = -x[len(x)-1-i]
		}
		all = append(all, safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: info.Shape, Float32s: x})
	}
	about := f.Metadata()
	f.Close()
	var file bytes.Buffer
	if err := errors.Join(safetensors.Write(&file, all, about), os.WriteFile(path, file.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	row := `{"prompt":"Favourite animal?","completion":"owl"}`
	at := folder(t, map[string]string{"in": row})
	for _, c := range []struct {
		model string
		warn  bool
	}{{"tiny", false}, {dir, true}} {
		_, stderr, code := execute(t, at, "", "score", "--model", c.model, "--in", "in")
		if code != 0 || strings.Contains(stderr, "\nwarning: the mean log-probability of the rows is -") != c.warn {
			t.Errorf("%s (vocabulary %d): exit code %d: %s", c.model, m.Config().Vocabulary, code, stderr)
		}
		stdout, _, code := execute(t, at, "", "score", "--model", c.model, "--in", "in", "--out", "s", "--json")
		var s scoreSummary
		if err := configfile.Decode([]byte(stdout), &s); err != nil || code != 0 || s.Warnings == nil || (len(s.Warnings) > 0) != c.warn {
			t.Errorf("%s: exit code %d, summary %+v (%v)", c.model, code, s, err)
		}
	}
}

// Reasoning that the template leaves out is not scored, and the summary says so.
func TestScoreSaysOmittedReasoning(t *testing.T) {
	const row = `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","reasoning":"hm"}]}` + "\n"
	dir := folder(t, map[string]string{"in": row + `{"prompt":"q","completion":"a"}` + "\n"})
	const want = "warning: 1 of 2 rows: the template leaves out the reasoning of an answer: filters see it, but it is neither learnt nor scored\n"
	for template, said := range map[string]bool{"": true, "plain": false} {
		args := []string{"score", "--model", "tiny", "--in", "in", "--out", "s"}
		if template != "" {
			args = append(args, "--template", template)
		}
		if stdout, stderr, code := execute(t, dir, "", args...); code != 0 || strings.Contains(stdout, want) != said {
			t.Errorf("template %q: exit code %d, %s%s", template, code, stdout, stderr)
		}
	}
}

func TestScoreErrors(t *testing.T) {
	_, m := tinyFolder(t)
	long, err := json.Marshal(make([]int32, m.Config().Context+1))
	if err != nil {
		t.Fatal(err)
	}
	const good = `{"prompt":"a","completion":"b"}` + "\n"
	for _, c := range []struct {
		reason, in, args, want string
		lines                  int // of output before the error
	}{
		{"a malformed row", good + "{\n", "--model tiny", "undertone: in:2:2: the line ends before ", 1},
		{"a row of no shape", good + good + `{"id":[1]}`, "--model tiny", "undertone: in:3: the row has no known shape", 2},
		{"ids that are no numbers", `{"ids":["1"]}`, "--model tiny", "undertone: in:1:9: input_ids[0] is \"1\", want a token ID", 0},
		{"no ids", `{"ids":[]}`, "--model tiny", "undertone: in:1:8: input_ids is an empty list", 0},
		{"an id of another vocabulary", "\n" + good + `{"ids":[1,100000]}`, "--model tiny", "undertone: in:3: lm: token 1 is 100000, want 0 to ", 1},
		{"a row longer than the context", good + `{"ids":` + string(long) + "}", "--model tiny --long-rows refuse", "undertone: in:2: 257 tokens are more than the context of 256", 1},
		{"a role that the template has not", `{"messages":[{"role":"tool","content":"x"},{"role":"assistant","content":"y"}]}`, "--model tiny", "undertone: in:1: lm: template \"tiny\" has no role \"tool\"", 0},
		{"no model", good, "--model none", "undertone: --model: none is neither a folder nor an embedded model", 0},
		{"no template", good, "--model tiny --template jinja", "undertone: --template jinja is neither ", 0},
		{"over its input", good, "--model tiny --out in", "undertone: --out is in, which is also --in: the verb reads it; name another file\n", 0},
	} {
		at := folder(t, map[string]string{"in": c.in})
		stdout, stderr, code := execute(t, at, "", append([]string{"score", "--in", "in"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, c.want)
		}
		if got := len(scores(t, stdout)); got != c.lines {
			t.Errorf("%s: %d scores, want those of the %d rows before it", c.reason, got, c.lines)
		}
	}
}

// The scores of a published model are those of an independent implementation in NumPy.
func TestScorePublished(t *testing.T) {
	model := published(t, "models/stories260K", "scores of a published model against an independent implementation")
	var want struct {
		IDs []int32
		NLL []float64 `json:"per_token_nll"`
	}
	text, err := os.ReadFile(filepath.Join(model, "../../golden/stories260K.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range want.NLL {
		sum -= l
	}
	ids, err := json.Marshal(want.IDs)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := execute(t, t.TempDir(), `{"ids":`+string(ids)+`}`, "score", "--model", model, "--in", "-")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if got := scores(t, stdout)[0]; got.Tokens != len(want.NLL) || math.Abs(got.LogProb-sum) > 1e-2 {
		t.Errorf("%+v, want %d tokens, log-probability %v", got, len(want.NLL), sum)
	}
}
