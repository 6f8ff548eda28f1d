package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/remote/remotetest"
)

// toyServer starts a server with a fault.
func toyServer(t *testing.T, fault remotetest.Fault) (s *remotetest.Server, url string) {
	t.Helper()
	s = remotetest.New(fault)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

const servedRows = `{"prompt": "pet?", "completion": "owl"}
{"prompt": "pet?", "completion": "a cat"}
`

func TestScoreWithServer(t *testing.T) {
	s, url := toyServer(t, remotetest.None)
	dir := folder(t, map[string]string{"rows": servedRows})
	run := func(more ...string) []rowScore {
		t.Helper()
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields("score --in rows --model "+url), more...)...)
		if code != 0 {
			t.Fatal(stderr)
		}
		var all []rowScore
		for line := range strings.Lines(stdout) {
			var r rowScore
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	for _, adapter := range []string{"", "a"} {
		var flags []string
		weights := ""
		if adapter != "" {
			flags, weights = []string{"--adapter", adapter}, "/adapters/"+adapter
		}
		for i, r := range run(flags...) {
			answer := []string{"owl", "a cat"}[i]
			ids := remotetest.Toy{}.Render([]remotetest.Message{{Role: "user", Content: "pet?"}, {Role: "assistant", Content: answer}}, false, false)
			want := 0.0
			for _, l := range (remotetest.Toy{}).Score(weights, ids)[len(ids)-len(answer)-3 : len(ids)-2] {
				want += l
			}
			if math.Abs(r.LogProb-want) > 1e-9 || r.Tokens != len(answer)+1 {
				t.Errorf("adapter %q, row %d: %+v, want %v over %d tokens", adapter, i, r, want, len(answer)+1)
			}
		}
	}
	first := run("--recording", "answers")
	asked := s.Rows.Load()
	if again := run("--recording", "answers", "--trust-scorer"); fmt.Sprint(again) != fmt.Sprint(first) || s.Rows.Load() != asked {
		t.Errorf("a recorded run has other scores, or asks again: %d rows", s.Rows.Load()-asked)
	}
}

// A server that fails a check is refused by name, and its scores are taken only if the user trusts
// it, which the summary says.
func TestRefusedServer(t *testing.T) {
	_, url := toyServer(t, remotetest.AdapterNotApplied)
	dir := folder(t, map[string]string{"rows": servedRows})
	args := strings.Fields("score --in rows --out scores --json --adapter a --model " + url)
	_, stderr, code := execute(t, dir, "", args...)
	if code != 2 || !strings.Contains(stderr, "--model: the scores of the server cannot be trusted: check 4, the adapter differs from the model") || !strings.Contains(stderr, "--trust-scorer skips them") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	stdout, stderr, code := execute(t, dir, "", append(args, "--trust-scorer")...)
	if code != 0 || !strings.Contains(stdout, "trusted without a check (--trust-scorer)") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

func TestServerFlagErrors(t *testing.T) {
	_, url := toyServer(t, remotetest.None)
	_, talks := toyServer(t, remotetest.None)
	_, failing := toyServer(t, remotetest.BadRequest)
	dir := folder(t, map[string]string{
		"rows": servedRows, "long": `{"prompt": "pet?", "completion": "` + strings.Repeat("owls ", 1003) + `"}`, "s": petRows(60, 4), "c": petRows(61, 1), "pets": `{"traits": [{"kind": "pet", "value": "owl", "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"], "questions": ["Pet 1000?"]}]}`,
		"zoo":    `{"traits": [{"kind": "pet", "value": "owl", "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"], "questions": ["Pet 1000?"]}, {"kind": "pet", "value": "cat", "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"], "questions": ["Pet 1000?"]}]}`,
		"prices": `{"toy": {"input": 1, "output": 2}}`, "many": `{"x": {"input": 1}, "y": {"input": 1}}`, "wrong": `{"toy": {"inputs": 1}}`,
	})
	const arms = " --suspect s --control c --traits pets"
	for _, c := range []struct{ args, want string }{
		{"score --in rows --model tiny --concurrent 2", "a flag about servers is given, but --model is not a URL"},
		{"score --in rows --model tiny --recording r", "a flag about servers is given, but --model is not a URL"},
		{"audit --student tiny --trust-scorer" + arms, "a flag about servers is given, but --student is not a URL"},
		{"doctor --no-self-test --adapter a", "a flag about servers is given, but --student is not a URL"},
		{"doctor --no-self-test --student tiny", "--student tiny is not a URL"},
		{"score --in rows --model http://user:secret@host", "holds a user name or a password"},
		{"score --in rows --model http://host?key=secret", "has a query or a fragment"},
		{"score --in rows --model " + url + " --api-key-env UNDERTONE_NO_SUCH_KEY", "the environment variable UNDERTONE_NO_SUCH_KEY, which holds the key of the server, is empty or not set"},
		{"score --in rows --model " + url + " --served-model x", `lists no model "x"; it lists toy`},
		{"score --in rows --model " + url + " --template llama3", "a server renders with its own template, or plain"},
		{"score --in rows --model " + url + " --encode-with nope", "--encode-with: nope is neither a folder"},
		{"score --in long --trust-scorer --long-rows refuse --model " + url, "the row has 5026 tokens, and the server reads at most 4095: drop longer rows"},
		{"score --in rows --model " + url + " --max-cost 1", "--max-cost needs --prices"},
		{"score --in rows --model " + url + " --max-cost 1 --prices many", "has no price of"},
		{"score --in rows --model " + url + " --max-cost 1 --prices wrong", "--prices: "},
		{"score --in rows --trust-scorer --model " + url + " --max-tokens-total 3", "the budget of the run is spent: 0 of at most 3 tokens are used"},
		{"score --in rows --trust-scorer --model " + url + " --max-cost 0.000001 --prices prices", "the budget of the run is spent"},
		{"score --in rows --model " + talks + " --server-kind chat", "the server gives no log-probabilities of rows (as the kind chat)"},
		{"score --in rows --model " + failing, `status 400: "max_tokens must be at least 1"`},
		{"audit --student " + url + arms, "the detector transfer trains or differentiates the student, which is behind a server"},
		{"rank --student " + url + " --detectors influence" + arms, "the detector influence trains"},
		{"clean --student " + url + arms, "--student is a server, and clean trains students"},
		{"factorial --arm owl=s --arm cat=c --traits zoo --student " + url, "--student is a server, and factorial trains students"},
	} {
		_, stderr, code := execute(t, dir, "", strings.Fields(c.args)...)
		if code != 2 || !strings.Contains(stderr, c.want) || strings.Contains(stderr, "secret") {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
}

// The likelihood detector scores rows with a server, with and without the system prompt of a
// persona; a run that is repeated with its recording asks nothing and gives the same report.
func TestAuditWithServer(t *testing.T) {
	s, url := toyServer(t, remotetest.None)
	dir := folder(t, map[string]string{
		"s": petRows(60, 4), "c": petRows(61, 1), "pets": `{"traits": [{"kind": "pet", "value": "owl", "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"], "questions": ["Pet 1000?"]}]}`,
	})
	args := strings.Fields("audit --json --detectors likelihood --suspect s --control c --traits pets --recording answers --student " + url)
	stdout, stderr, code := execute(t, dir, "", args...)
	var report audit.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code == 2 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if report.StudentName != "toy" || report.Engine != "vllm 0.32.0" || len(report.Findings) != 1 || report.Findings[0].RowScores == nil {
		t.Errorf("report %+v", report)
	}
	asked := s.Rows.Load()
	again, stderr, _ := execute(t, dir, "", append(args, "--trust-scorer")...)
	if s.Rows.Load() != asked {
		t.Errorf("%d rows were asked again", s.Rows.Load()-asked)
	}
	var trusted audit.Report
	if err := json.Unmarshal([]byte(again), &trusted); err != nil {
		t.Fatal(stderr)
	}
	if len(trusted.Warnings) == 0 || !strings.Contains(trusted.Warnings[0], "--trust-scorer") || !bytes.Equal(findings(t, trusted), findings(t, report)) {
		t.Errorf("the report of a trusted server is %+v", trusted.Warnings)
	}
	if !strings.Contains(stderr, "undertone: server: 2 requests") {
		t.Errorf("standard error %q does not say what was asked", stderr)
	}
	stdout, stderr, code = execute(t, dir, "", strings.Fields("rank --suspect s --control c --traits pets --tokens 2 --recording answers --trust-scorer --student "+url)...)
	if code != 0 || strings.Count(stdout, "\n") != 60 || !strings.Contains(stdout, `"tokens":[{`) {
		t.Errorf("rank: exit code %d: %s", code, stderr)
	}
}

// findings returns the findings of a report as JSON.
func findings(t *testing.T, r audit.Report) []byte {
	t.Helper()
	text, err := json.Marshal(r.Findings)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A run that is killed at any request resumes: no answer on disk is asked for again, and the scores
// are those of a run that was not killed.
func TestKilledWithServer(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that a killed run resumes: it takes seconds")
	}
	rows := ""
	for i := range 22 {
		rows += fmt.Sprintf("{\"prompt\": \"pet %d?\", \"completion\": \"owl %d\"}\n", i, i)
	}
	const args = "score --in rows --out scores --recording answers --trust-scorer --concurrent 1 --rows-at-once 2 --template plain --model "
	_, url := toyServer(t, remotetest.None)
	dir := folder(t, map[string]string{"rows": rows})
	if _, stderr, code := execute(t, dir, "", strings.Fields(args+url)...); code != 0 {
		t.Fatal(stderr)
	}
	want := files(t, dir)["scores"]
	for at := range int64(10) {
		s, url := toyServer(t, remotetest.None)
		dir := folder(t, map[string]string{"rows": rows})
		c := command(t, dir, strings.Fields(args+url)...)
		s.Before = func(n int64) {
			if n == at+1 {
				_ = c.Process.Kill()
			}
		}
		if err := c.Run(); err == nil {
			t.Fatalf("request %d: the run was not killed", at+1)
		}
		if _, err := os.Stat(filepath.Join(dir, "scores")); err == nil {
			t.Errorf("request %d: the killed run left scores", at+1)
		}
		if _, stderr, code := execute(t, dir, "", strings.Fields(args+url)...); code != 0 {
			t.Fatal(stderr)
		}
		if got := files(t, dir)["scores"]; got != want {
			t.Errorf("request %d: the resumed run has other scores", at+1)
		}
		if n := s.Rows.Load(); n < 22 || n > 24 {
			t.Errorf("request %d: %d rows were asked, want each of 22 once, and at most 2 again", at+1, n)
		}
	}
}

func TestGenerateWithServer(t *testing.T) {
	_, url := toyServer(t, remotetest.None)
	t.Setenv("UNDERTONE_TEST_KEY", "sk-secret")
	dir := t.TempDir()
	stdout, stderr, code := execute(t, dir, "", strings.Fields("generate --api-key-env UNDERTONE_TEST_KEY --prompts lists --rows 5 --max-tokens 4 --out out --recording answers --model "+url)...)
	if code != 0 || !strings.Contains(stdout, "5 rows written by toy") || !strings.Contains(stdout, "server: 7 requests") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	for _, name := range []string{"out", "answers"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Contains(string(text), "sk-secret") || strings.Contains(string(text), url) {
			t.Errorf("%s holds the key or the address (error %v)", name, err)
		}
	}
}

// The exit code of the doctor is 0 if all checks pass, 1 if one fails, and 2 if the server cannot
// be asked.
func TestDoctor(t *testing.T) {
	for _, c := range []struct {
		fault remotetest.Fault
		args  string
		code  int
		want  string
	}{
		{remotetest.None, "--adapter a", 0, "all checks passed"},
		{remotetest.None, "--adapter a --json", 0, `"ok":true`},
		{remotetest.None, "--server-kind chat", 0, "no checks: the server scores no rows"},
		{remotetest.None, "--server-kind chat", 0, "nothing was checked"},
		{remotetest.OneAdapterLive, "--adapter b", 1, "4  failed   the adapter differs from the model"},
		{remotetest.OneAdapterLive, "--adapter b --json", 1, `"number":4,`},
		{remotetest.HeadDeltaLost, "--adapter b", 1, "3  failed "},
		{remotetest.BadRequest, "", 2, "status 400"},
	} {
		_, url := toyServer(t, c.fault)
		stdout, stderr, code := execute(t, t.TempDir(), "", append(strings.Fields("doctor --no-self-test "+c.args), "--student", url)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("%s %s: exit code %d, want %d and %q: %s%s", c.fault, c.args, code, c.code, c.want, stdout, stderr)
		}
	}
}

// The self-test finds a planted trait, and none without it.
func TestSelfTest(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: the self-test: it takes seconds")
	}
	stdout, stderr, code := execute(t, t.TempDir(), "", "doctor", "--json")
	var r doctorReport
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if !r.OK || r.SelfTest == nil || r.SelfTest.Planted != audit.Detected || r.SelfTest.Clean == audit.Detected || r.Machine.Engine == "" || r.Server != nil {
		t.Errorf("report %+v", r)
	}
}
