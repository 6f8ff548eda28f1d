package main

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/remote/remotetest"
	"github.com/undertone-audit/undertone/student/external"
)

// An audit of a student behind a server, whose replicates are trained by undertone train and loaded
// by undertone serve, in processes of their own, finds what the same audit finds in process.
func TestSameAnswerOverTheWire(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: an audit over the wire: it takes seconds")
	}
	dir := folder(t, map[string]string{
		"owls": petRows(300, 8), "control": petRows(300, 1), "teacher": petRows(300, 10), "pets": pets,
	})
	const args = "--replicates 6 --whole 4 --dose .5 --batch 8 --lr 3e-3 --epochs 3"
	inside, _ := auditWith(t, dir, args)
	server, url := served(t, dir, io.Discard, "--adapter-root", dir)
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	outside, stderr := auditWith(t, dir, args+" --store store --student "+url, "--trainer", ownTrainer(t, ""))
	if outside.Trainer == nil || outside.Engine == inside.Engine || outside.StudentName != "tiny" {
		t.Errorf("the report has the trainer %+v, the engine %s and the student %q", outside.Trainer, outside.Engine, outside.StudentName)
	}
	d := difference(t, inside.Findings, outside.Findings)
	if d > 1e-4 {
		t.Errorf("the findings differ by %g:\n%+v\n%+v", d, inside.Findings, outside.Findings)
	}
	t.Logf("the findings differ by %.2g; verdict %v", d, outside.Verdict)
	if inside.Verdict != outside.Verdict || !reflect.DeepEqual(inside.Traits, outside.Traits) || inside.Verdict == audit.Inconclusive {
		t.Errorf("verdicts %v and %v: %+v, %+v", inside.Verdict, outside.Verdict, inside.Traits, outside.Traits)
	}
	if !strings.Contains(stderr, "undertone: server: ") {
		t.Errorf("standard error is %q", stderr)
	}
}

// A server that answers for every adapter with the weights of the first is refused at the second
// replicate, although one adapter is loaded at a time.
func TestSecondAdapterNotLoaded(t *testing.T) {
	for fault, want := range map[remotetest.Fault]string{remotetest.None: "", remotetest.FirstAdapter: "check 4"} {
		server := httptest.NewServer(remotetest.New(fault))
		defer server.Close()
		s, err := remote.Connect(t.Context(), remote.Config{URL: server.URL, Limits: remote.Limits{Tries: 1}})
		if err != nil {
			t.Fatal(err)
		}
		open := openServed(s, false)
		for i := range byte(2) {
			r := external.Result{Key: undertone.Digest{i}, Weights: undertone.Digest{1, i}, Path: fmt.Sprintf("/trained/%d", i)}
			r.Kind = external.PEFT
			_, closeModel, err := open(t.Context(), r)
			if failed := i == 1 && want != ""; failed != errors.Is(err, doctor.ErrUntrusted) || failed && !strings.Contains(err.Error(), want) {
				t.Errorf("%q: adapter %d: error %v", fault, i, err)
			}
			if err == nil {
				err = closeModel()
			}
			if err != nil && want == "" {
				t.Error(err)
			}
		}
	}
}

// What a server says about itself becomes a part of a command line, so it must be a plain name.
func TestBaseOfAServer(t *testing.T) {
	dir := t.TempDir()
	for root, want := range map[string]string{
		dir: "", "Qwen/Qwen2.5-7B-Instruct": "", "tiny": "",
		"":                  "does not say where",
		"/nowhere/at/all":   "no folder of this machine",
		"$(touch owned)":    "neither a plain path nor the name of a model",
		"--help":            "neither",
		"/tmp/`id`":         "neither",
		"a;b":               "neither",
		"../../etc":         "neither",
		"/tmp/\u202e":       "neither",
		"https://host/name": "neither",
	} {
		got, err := baseOf(root)
		if want == "" && (err != nil || got != root) || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--trainer-base")) {
			t.Errorf("%q: %q, error %v, want %q", root, got, err, want)
		}
	}
}

// A run that was killed leaves its adapter loaded, and a server refuses a name twice.
func TestAdapterNamesAreNew(t *testing.T) {
	if a, b := adapterName(undertone.Digest{1}), adapterName(undertone.Digest{1}); a == b || !plainName.MatchString(a) {
		t.Errorf("two adapters are named %s and %s", a, b)
	}
}

// A shell replaces an unset variable by nothing.
func TestEmptyTrainer(t *testing.T) {
	_, stderr, code := execute(t, t.TempDir(), "", "audit", "--suspect", "s", "--control", "c", "--traits", "library:animal/owl", "--student", "tiny", "--trainer", " ")
	if code != 2 || !strings.Contains(stderr, "--trainer is empty") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
