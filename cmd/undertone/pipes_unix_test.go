//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe in the place of a report, a policy, a key or a file of a model is refused at once: it
// would block.
func TestPipesAreRefused(t *testing.T) {
	dir := folder(t, map[string]string{"rows": petRows(3, 1), "policy": `{"schema":"undertone.policy/1","manifest":{"required":true}}`})
	must(t, dir, "train --model tiny --in rows --out whole --epochs 1")
	must(t, dir, "keygen --out key")
	pipe := func(path string) {
		t.Helper()
		if err := syscall.Mkfifo(filepath.Join(dir, path), 0o600); err != nil {
			t.Skip("not checked: pipes in the place of files:", err)
		}
	}
	pipe("pipe")
	for _, name := range []string{"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors", "adapter_config.json"} {
		model := "model-" + name
		if err := os.CopyFS(filepath.Join(dir, model), os.DirFS(filepath.Join(dir, "whole"))); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(filepath.Join(dir, model, name))
		pipe(filepath.Join(model, name))
	}
	t.Chdir(dir)
	for _, command := range []string{
		"verify pipe", "verify rows --key pipe", "verify rows --key key.pub --revoked pipe", "verify --data rows --policy pipe --student tiny", "report pipe",
		"inspect --in rows --from-report pipe", "claims pipe", "traits --from pipe", "traits --config pipe", "attest --key pipe --data rows --out out", "attest --key key --from-report pipe --out out",
		"attest --key key --envelope pipe --out out", "filter --in rows --out out --filters numbers --numbers.banned-file pipe",
		"verify --data rows --policy policy --student model-config.json", "verify --data rows --policy policy --student tiny --generator model-tokenizer.json",
		"score --model model-tokenizer_config.json --in rows", "score --model model-model.safetensors --in rows", "lineage model-config.json tiny", "lineage tiny model-tokenizer.json",
	} {
		done := make(chan string, 1)
		go func() { done <- runHere(t, strings.Fields(command)...) }()
		select {
		case got := <-done:
			if !strings.Contains(got, "regular file") {
				t.Errorf("%s: %q, want an error on what is no regular file", command, got)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s waits for the pipe", command)
		}
	}
}
