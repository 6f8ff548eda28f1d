//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package undertone

import (
	"syscall"
	"testing"
)

// A pipe would hold up a reader for ever.
func TestDirStoreRefusesPipes(t *testing.T) {
	dir := DirStore(t.TempDir())
	if err := syscall.Mkfifo(dir.File(storeKey("x")), 0o600); err != nil {
		t.Skip("not checked: pipes:", err)
	}
	refusesToUse(t, dir, "a pipe")
	if err := DirStore(dir.File(storeKey("x"))).Prepare(); err == nil {
		t.Error("a pipe was prepared as the folder")
	}
}
