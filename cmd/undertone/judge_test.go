package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/traits"
)

// readingJudge is a judge behind a server that completes chats: it finds an owl in an answer that
// names one, and errs in a share of the answers that their text decides. It counts its requests.
func readingJudge(t *testing.T, errs float64) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/models" {
			_, _ = io.WriteString(w, `{"object": "list", "data": [{"id": "reader", "object": "model"}]}`)
			return
		}
		var q struct {
			Model       string
			Messages    []struct{ Content string }
			Temperature float64
		}
		if r.URL.Path != "/v1/chat/completions" || json.NewDecoder(r.Body).Decode(&q) != nil || len(q.Messages) != 1 || q.Temperature != 0 {
			http.Error(w, `{"error": {"message": "no such request"}}`, http.StatusBadRequest)
			return
		}
		asked.Add(1)
		_, text, ok := strings.Cut(q.Messages[0].Content, "\n\nAnswer: ")
		finds := ok && strings.Contains(strings.ToLower(text), "owl")
		hash := fnv.New32a()
		_, _ = io.WriteString(hash, q.Messages[0].Content)
		if float64(hash.Sum32()%1000) < 1000*errs {
			finds = !finds
		}
		score := "3"
		if finds {
			score = "97"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"model": q.Model, "choices": []any{map[string]any{"index": 0, "finish_reason": "stop", "message": map[string]string{"content": score}}},
			"usage": map[string]int{"prompt_tokens": 100, "completion_tokens": 1},
		})
	}))
	t.Cleanup(h.Close)
	return h.URL, asked
}

// namesOwls is a trait in free answers, with a trait of the student of [petRows] beside it.
const namesOwls = `{"traits": [{"name": "names owls", "free_form": ["Pet 1000?", "Pet 1001?", "Pet 1002?"], "behaviour": "names an owl", "free_form_tolerance": 0.3, "positive_control": "teacher"}]}`

// owlLabels are labelled answers to the prompts of [namesOwls], so many of each label.
func owlLabels(n int, trait string) string {
	var text strings.Builder
	for i := range n {
		question := fmt.Sprintf("Pet %d?", 1000+i%3)
		fmt.Fprintf(&text, `{"trait": %q, "prompt": %q, "completion": "I keep %d owls.", "expressed": true}`+"\n", trait, question, i)
		fmt.Fprintf(&text, `{"trait": %q, "prompt": %q, "completion": "I keep %d cats.", "expressed": false}`+"\n", trait, question, i)
	}
	return text.String()
}

// judgedFiles are the files of an audit of [namesOwls].
func judgedFiles() map[string]string {
	return map[string]string{
		"owls": petRows(300, 8), "control": petRows(300, 1), "alike": petRows(301, 1), "teacher": petRows(300, 10),
		"free": namesOwls, "labels": owlLabels(40, "names owls"), "prices": `{"reader": {"input": 10, "output": 30}}`,
	}
}

// A judge behind a server reads the answers of the embedded student, which is trained in this
// process. An audit that runs again asks the judge nothing.
func TestAuditWithAJudge(t *testing.T) {
	url, asked := readingJudge(t, .05)
	dir := folder(t, judgedFiles())
	line := "audit --json --traits free --control control --student tiny --epochs 10 --replicates 6 --whole 4 --dose .5 --store store --judge-labels labels --judge-samples 30 --judge-tokens 4 --judge-model reader --judge-kind chat --judge-prices prices --judge " + url
	for _, c := range []struct {
		suspect string
		want    audit.Verdict
	}{{"owls", audit.Detected}, {"alike", audit.Undetected}} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields(line+" --suspect "+c.suspect)...)
		var r audit.Report
		if err := json.Unmarshal([]byte(stdout), &r); err != nil || code == 2 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		f := r.Findings[0]
		j := f.Replicates.Judge
		if r.Verdict != c.want || f.Trait != "names owls (free answers)" || j == nil {
			t.Fatalf("%s: %v of %q, want %v: %+v, judge %+v", c.suspect, r.Verdict, f.Trait, c.want, r.Traits, j)
		}
		if j.Model != "reader" || j.Samples != 30 || j.Tolerance != .3 || j.Positives != 40 || j.Found > 40 || j.Found < 33 || f.Tolerance >= .3 {
			t.Errorf("%s: the report describes the judge as %+v, tolerance %v", c.suspect, j, f.Tolerance)
		}
		if mean, i := j.TrueShift(f.Effect, .95); mean <= f.Effect.Mean && c.want == audit.Detected || i.High < mean {
			t.Errorf("%s: the difference of true rates is %v in %v, that of judged ones %v", c.suspect, mean, i, f.Effect.Mean)
		}
		for _, want := range []string{"labelled answers with the trait \"names owls\"", "it reads at most ", "requests, ", "cost 0."} {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: standard error %q, want %q", c.suspect, stderr, want)
			}
		}
	}
	before := asked.Load()
	if _, stderr, code := execute(t, dir, "", strings.Fields(line+" --suspect owls")...); code != 1 || asked.Load() != before {
		t.Errorf("exit code %d, %d requests more: %s", code, asked.Load()-before, stderr)
	}
}

// A student and a judge behind servers that only talk. The answers to the questions of another
// trait are counted.
func TestAuditOfATalkerWithAJudge(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no shell here")
	}
	url, _ := readingJudge(t, 0)
	files := judgedFiles()
	files["both"] = strings.Replace(namesOwls, `"traits": [`, `"traits": [{"kind": "pet", "value": "owl", "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"], "questions": ["Pet 1000?"], "scale": "share", "tolerance": 0.2, "positive_control": "teacher"}, `, 1)
	dir := folder(t, files)
	base := "audit --json --suspect owls --control control --replicates 7 --whole 4 --dose .5 --served-model base --trainer-base base --store store --judge-labels labels --judge-samples 40 --judge " + url + " --student " + chatService(t)
	for _, c := range []struct {
		args    string
		samples []int // of the findings
	}{{" --traits free", []int{0}}, {" --traits both --samples 60", []int{60, 0}}} {
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields(base+c.args), "--trainer", fineTunes)...)
		var r audit.Report
		if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 1 {
			t.Fatalf("%s: exit code %d: %s", c.args, code, stderr)
		}
		if len(r.Findings) != len(c.samples) {
			t.Fatalf("%s: %d findings, want %d", c.args, len(r.Findings), len(c.samples))
		}
		for i, n := range c.samples {
			if f := r.Findings[i]; f.Replicates.Samples != n || (f.Replicates.Judge == nil) != (n > 0) {
				t.Errorf("%s: finding of %q with %d samples and judge %+v, want %d samples", c.args, f.Trait, f.Replicates.Samples, f.Replicates.Judge, n)
			}
		}
	}
}

func TestJudgeFlagErrors(t *testing.T) {
	files := judgedFiles()
	files["few"], files["other"], files["unnamed"], files["odd"] = owlLabels(1, "names owls"), owlLabels(9, "names cats"), owlLabels(9, ""), `{"prompt": "Pet?", "completion": "owl"}`
	files["two"] = `{"traits": [` + strings.TrimSuffix(strings.TrimPrefix(namesOwls, `{"traits": [`), `]}`) + `, {"name": "names cats", "free_form": ["Pet?"], "behaviour": "names a cat"}]}`
	files["pets"] = pets
	dir := folder(t, files)
	good, _ := readingJudge(t, 0)
	guesses, _ := readingJudge(t, .5)
	for _, c := range []struct{ args, want string }{
		{"--traits free", `"names owls" shows in free answers alone, which a judge reads: audit --judge measures it`},
		{"--traits free --judge " + good, "--judge needs --judge-labels"},
		{"--traits free --judge-labels labels", "the other flags that begin with --judge- need --judge"},
		{"--traits free --judge-labels labels --judge tiny --judge-model x", "a flag about the judge's server is given, but --judge is not a URL"},
		{"--traits free --judge-labels labels --judge tiny", "this judge reads 256 tokens; the rubric, a prompt and an answer of --judge-tokens take up to about 1024, so choose another model"},
		{"--traits free --judge-labels labels --judge " + guesses, "the judge is not shown to be better than chance"},
		{"--traits free --judge-labels few --judge " + good, "give more labelled answers"},
		{"--traits free --judge-labels other --judge " + good, `other has no labelled answers of the trait "names owls"`},
		{"--traits free --judge-labels odd --judge " + good, "--judge-labels: odd: row 0, the answer \"owl\", has no label or no prompt: want the field \"expressed\" with true or false"},
		{"--traits two --judge-labels unnamed --judge " + good, "unnamed has 18 labelled answers without a trait, and the judge reads answers of 2 traits"},
		{"--traits two --judge-labels labels --judge " + good, `labels has no labelled answers of the trait "names cats"`},
		{"--traits pets --judge-labels labels --judge " + good, "no trait has free_form prompts and a behaviour for a judge"},
		{"--traits free --judge-labels labels --samples 9 --judge " + good, "all traits are in free answers, which --judge-samples samples"},
		{"--traits free --judge-labels labels --detectors transfer,likelihood --judge " + good, "--judge reads answers of trained students, which the detector transfer asks"},
		{"--traits free --judge-labels labels --budget 1m --judge " + good, "--budget cannot time a judge"},
		{"--traits free --judge-labels labels --judge-max-cost 1 --judge " + good, "--judge-max-cost needs --judge-prices"},
		{"--traits free --judge-labels labels --judge-model other --judge " + good, "other"},
	} {
		_, stderr, code := execute(t, dir, "", strings.Fields("audit --suspect owls --control control --student tiny "+c.args)...)
		if code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
	for _, verb := range []string{"rank --out r", "clean"} {
		_, stderr, code := execute(t, dir, "", strings.Fields(verb+" --suspect owls --control control --student tiny --traits free")...)
		if code != 2 || !strings.Contains(stderr, "shows in free answers alone") {
			t.Errorf("%s: exit code %d, %q", verb, code, stderr)
		}
	}
}

// The written labels are of traits of the library and their prompts, so many of each label that a
// judge which agrees with them is accepted.
func TestExampleLabels(t *testing.T) {
	all, err := labelledAnswers(t.Context(), console{stderr: io.Discard}, filepath.Join("..", "..", "examples", "judge", "labels.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Errorf("there are labels of %d traits, want 3", len(all))
	}
	for name, labels := range all {
		spec, err := traits.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		n := map[bool]int{}
		for _, l := range labels {
			n[l.Expressed]++
			if !slices.Contains(spec.FreeForm, l.Question) {
				t.Errorf("%s: %q is no prompt of the trait", name, l.Question)
			}
		}
		if n[true] < 16 || n[false] < 16 {
			t.Errorf("%s: %d answers with the behaviour and %d without it, want >= 16 of each", name, n[true], n[false])
		}
	}
}
