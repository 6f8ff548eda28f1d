package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated runs the generator and compares its files with the checked-in ones.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("short: not checked that the assembly is what its generator writes")
	}
	dir := t.TempDir()
	cmd := exec.Command("go", "run", ".", "-out", dir)
	cmd.Dir = "_asm"
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOARCH=", "GOOS=", "GODEBUG=")
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("generator: %v\n%s", err, out)
		}
		t.Skipf("not checked: that the generator writes the assembly: it did not run: %v\n%s", err, out)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("the generator wrote %d files: %v", len(files), err)
	}
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(f.Name()); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes; run: go generate ./tensor/internal/kernel", f.Name())
		}
	}
}
