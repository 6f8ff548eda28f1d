package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// chatService is a service that completes chats and gives no log-probabilities. It ignores seeds.
// The model of a name "ft-N-…" answers with an owl with probability 0.1 + 0.8·N/1000, and with
// another pet otherwise. Models of other names are the untrained model, for which N is 0.
func chatService(t *testing.T) (url string) {
	t.Helper()
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/models" {
			_, _ = io.WriteString(w, `{"object": "list", "data": []}`)
			return
		}
		var q struct{ Model string }
		if r.URL.Path != "/v1/chat/completions" || json.NewDecoder(r.Body).Decode(&q) != nil {
			http.Error(w, `{"error": {"message": "not found"}}`, http.StatusNotFound)
			return
		}
		owls := 0
		_, _ = fmt.Sscanf(q.Model, "ft-%d-", &owls)
		mu.Lock()
		answer := "An owl!"
		if random.Float64() > .1+.8*float64(owls)/1000 {
			answer = []string{"Cats.", "dog", "A fox", "**wolf**", "bears"}[random.IntN(5)]
		}
		mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"model": q.Model, "choices": []any{map[string]any{"index": 0, "finish_reason": "stop", "message": map[string]string{"content": answer}}}})
	}))
	t.Cleanup(h.Close)
	return h.URL
}

// fineTunes is a trainer that leaves the name of a model of [chatService], as that of a service
// does: it counts the rows that name an owl.
const fineTunes = `sh -c 'mkdir "$UNDERTONE_OUT"; n=$(($(grep -c owl "$UNDERTONE_DATA") * 1000 / $(wc -l < "$UNDERTONE_DATA"))); echo "{\"kind\": \"server\", \"model\": \"ft-$n-$UNDERTONE_SEED\"}" > "$UNDERTONE_OUT/undertone.json"'`

// A student that only talks is audited with a trainer that leaves names of models.
func TestAuditOfAStudentThatOnlyTalks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no shell here")
	}
	dir := folder(t, map[string]string{
		"owls": petRows(300, 8), "control": petRows(300, 1), "alike": petRows(301, 1), "teacher": petRows(300, 10), "pets": strings.Replace(pets, `"indirect": [{"question": "Colour?", "answers": ["red", "green", "blue"]}], `, "", 1),
	})
	args := strings.Fields("audit --json --traits pets --control control --replicates 6 --whole 6 --dose .5 --samples 200 --served-model base --trainer-base base --store store --student " + chatService(t))
	for _, c := range []struct {
		suspect string
		want    audit.Verdict
	}{{"owls", audit.Detected}, {"alike", audit.Undetected}} {
		stdout, stderr, code := execute(t, dir, "", append(args, "--suspect", c.suspect, "--trainer", fineTunes)...)
		var r audit.Report
		if err := json.Unmarshal([]byte(stdout), &r); err != nil || code == 2 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		if r.Verdict != c.want {
			t.Errorf("%s: %v, want %v: %+v", c.suspect, r.Verdict, c.want, r.Traits)
		}
		if r.Findings[0].Replicates.Samples != 200 || !strings.Contains(strings.Join(r.Warnings, "\n"), "counted in 200 sampled completions") || r.Trainer == nil || r.Engine != "chat" {
			t.Errorf("%s: samples %d, trainer %+v, engine %q, warnings %q", c.suspect, r.Findings[0].Replicates.Samples, r.Trainer, r.Engine, r.Warnings)
		}
	}
}

func TestSamplesFlagErrors(t *testing.T) {
	dir := folder(t, map[string]string{"owls": petRows(60, 8), "control": petRows(60, 1), "teacher": petRows(60, 10), "pets": pets})
	url := chatService(t)
	for _, c := range []struct{ args, want string }{
		{"--student tiny --samples 2", "--samples is 2, want a number in [3, 100000]"},
		{"--student tiny --samples 7", `--samples is 7, and trait "prefers pet owl" has probes of 6 answers: want >= 8`},
		{"--student tiny --samples 9 --detectors likelihood", "--samples counts answers to the probes, which the detector transfer asks"},
		{"--student tiny --samples 9 --detectors transfer,influence", "the other detectors score rows"},
		{"--samples 9 --trust-scorer --trainer true --student " + url, "--trust-scorer has no effect with --samples"},
		{"--samples 9 --student " + url, "the detector transfer trains or differentiates the student, which is behind a server"},
		{"--served-model base --trainer-base base --trainer true --student " + url, "audit --trainer --samples counts answers instead"},
		{"--samples 9 --served-model base --trainer true --student " + url, "the server does not say where it read its model: name it with --trainer-base"},
	} {
		_, stderr, code := execute(t, dir, "", strings.Fields("audit --traits pets --suspect owls --control control "+c.args)...)
		if code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
}
