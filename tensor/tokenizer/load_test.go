package tokenizer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	write := func(folder, name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(t.TempDir(), "model [1]*")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: got %v", err)
	}
	write(folder, "tok2.bin", string(scores()))
	if tok, err := Load(folder); err != nil || tok.Len() != 259 {
		t.Errorf("tok2.bin: %v", err)
	}
	write(folder, "tok1.bin", "")
	if _, err := Load(folder); err == nil || !strings.Contains(err.Error(), "2 files") {
		t.Errorf("two files: got %v", err)
	}
	write(folder, "tokenizer.json", llama(llamaRules))
	if tok, err := Load(folder); err != nil || tok.Len() != 15 {
		t.Errorf("tokenizer.json comes first: %v", err)
	}
	write(folder, "tokenizer_config.json", `{"eos_token": "</s>"}`)
	if _, err := Load(folder); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), folder) {
		t.Errorf("a token that is not there: got %v", err)
	}
	for text, says := range map[string]string{
		`{"eos_token": 2}`:              `field "eos_token" is a JSON number, want a string`,
		`{"eos_token": ["<s>"]}`:        `field "eos_token" is a JSON array, want a string`,
		`{"eos_token": {"content": 2}}`: `is a JSON number, want a string`,
		"version https://git-lfs.github.com/spec/v1\noid sha256:00\n": "is a Git LFS pointer: run git lfs pull",
	} {
		write(folder, "tokenizer_config.json", text)
		if _, err := Load(folder); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "tokenizer_config.json") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", text, err, says)
		}
	}
	write(folder, "tokenizer.model", "")
	if _, err := Load(filepath.Join(folder, "tokenizer.model")); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a SentencePiece model: got %v", err)
	}
}
