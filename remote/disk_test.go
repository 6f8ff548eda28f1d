//go:build unix

package remote

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

var unlimited syscall.Rlimit

// limitFileSize lets no file grow beyond the size of one, as a full disk does.
func limitFileSize(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		t.Skip("not checked: a full disk:", err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	limit := unlimited
	limit.Cur = uint64(info.Size()) + 100
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip("not checked: a full disk:", err)
	}
	t.Cleanup(func() { unlimitFileSize(t) })
}

func unlimitFileSize(t *testing.T) {
	t.Helper()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		t.Error(err)
	}
}
