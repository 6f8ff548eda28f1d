package jsonl

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files as users have them, whose bytes are not those of rows alone, are read or refused with a
// remedy. UNDERTONE_CASES names the folder of the cases.
func TestCaseFiles(t *testing.T) {
	folder := os.Getenv("UNDERTONE_CASES")
	if folder == "" {
		t.Skip("not checked: files from the field: UNDERTONE_CASES is not set")
	}
	for _, c := range []struct{ file, want string }{ // "" is one row
		{"mid.jsonl", ":2:1: " + mark},
		{"nulpad.jsonl", ":2:1: 64 NUL bytes (0x00) where text should be; " + lostBytes},
		{"zeros.gz", ""},
		{"model.safetensors.lfs-pointer", ": the content is a Git LFS pointer, not the rows; " + fetchObject},
	} {
		data, err := Load(filepath.Join(folder, "files", c.file))
		if c.want == "" {
			if err != nil || data.Len() != 1 {
				t.Errorf("%s: %v, want one row", c.file, err)
			}
			continue
		}
		if err == nil || !errors.As(err, new(*Error)) || !strings.HasSuffix(err.Error(), c.file+c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.file, err, c.want)
		}
	}
}
