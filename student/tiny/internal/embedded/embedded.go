// Package embedded loads models that are a part of the program.
package embedded

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// Load reads the model in a folder of files, through a temporary folder. It returns an error unless
// the names and contents of the model's files have the digest.
func Load(files embed.FS, folder, digest string) (*lm.Model, error) {
	dir, err := os.MkdirTemp("", "undertone-tiny-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	h := undertone.NewHasher("tiny files")
	for _, e := range entries {
		text, err := files.ReadFile(folder + "/" + e.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, e.Name()), text, 0o600)
		}
		if err != nil {
			return nil, err
		}
		h.Text(e.Name()).Text(string(text))
	}
	if got := h.Sum().String(); got != digest {
		return nil, fmt.Errorf("the files of %s have the digest %s, want %s", folder, got, digest)
	}
	return lm.Load(dir)
}
