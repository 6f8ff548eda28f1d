package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// An audit whose trained models are whole, each served by a program of its own, finds what the same
// audit finds in process.
func TestAuditWithServedModels(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: an audit with a server for each model: it takes seconds")
	}
	dir := folder(t, map[string]string{"owls": petRows(120, 8), "control": petRows(120, 1), "teacher": petRows(120, 10), "pets": pets})
	const args = "--replicates 2 --whole 2 --dose .5 --batch 8 --lr 3e-3 --epochs 2"
	inside, _ := auditWith(t, dir, args)
	server, url := served(t, dir, io.Discard)
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.ReplaceAll(ownTrainer(t, ""), " --adapter-only", "")
	outside, _ := auditWith(t, dir, args+" --store store --student "+url, "--trainer", whole, "--serve", fmt.Sprintf("'%s' serve --model {model} --address 127.0.0.1:{port}", self))
	if d := difference(t, inside.Findings, outside.Findings); d > 1e-4 {
		t.Errorf("the findings differ by %g:\n%+v\n%+v", d, inside.Findings, outside.Findings)
	}
}

// A server that ends or does not answer is an error with its last lines, and the replicate is kept.
func TestServeErrors(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no shell here")
	}
	dir := folder(t, map[string]string{"owls": petRows(60, 8), "control": petRows(60, 1), "teacher": petRows(60, 10), "pets": pets})
	server, url := served(t, dir, io.Discard)
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const trainer = "cp -r trained {out}"
	if _, stderr, code := execute(t, dir, "", "train", "--model", "tiny", "--in", "control", "--out", "trained", "--epochs", "1"); code != 0 {
		t.Fatal(stderr)
	}
	if err := os.Remove(filepath.Join(dir, "trained", "undertone.json")); err != nil { // it names one seed
		t.Fatal(err)
	}
	for _, c := range []struct{ args, serve, want string }{
		{"--student " + url, "sh -c 'echo no memory; exit 4' {model} {port}", "--serve: the server failed: exit status 4; its last lines: no memory (its log is "},
		{"--serve-timeout 300ms --student " + url, "sh -c 'echo loading; sleep 100' {model} {port}", "does not answer on 127.0.0.1 at the port {port} after 300ms (--serve-timeout); its last lines: loading (its log is "},
		{"--student " + url, "vllm serve {model}", "--serve: the command has no {port}"},
		{"--student " + url, " ", "--serve is empty"},
		{"--student tiny", "x {model} {port}", "--serve needs the URL of a server as --student"},
		{"--max-tokens-total 1200 --student " + url, fmt.Sprintf("'%s' serve --model {model} --address 127.0.0.1:{port}", self), "--serve: doctor: check "},
	} {
		_, stderr, code := execute(t, dir, "", append(strings.Fields("audit --traits pets --suspect owls --control control --replicates 2 --whole 2 --store store --trainer-base tiny "+c.args), "--trainer", trainer, "--serve", c.serve)...)
		if code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.serve, code, stderr, c.want)
		}
	}
	for name := range files(t, dir) {
		if strings.Contains(name, "failed-") {
			t.Errorf("%s: a replicate that is not served is put aside", name)
		}
	}
	_, stderr, code := execute(t, dir, "", strings.Fields("audit --traits pets --suspect owls --control control --student tiny --serve x")...)
	if code != 2 || !strings.Contains(stderr, "need --trainer") {
		t.Errorf("--serve without --trainer: exit code %d, %q", code, stderr)
	}
}
