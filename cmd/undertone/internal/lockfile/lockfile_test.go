package lockfile

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestMain makes the test binary a process that holds the lock of a path until it is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("UNDERTONE_TEST_LOCK"); path != "" {
		if _, err := Acquire(path, "undertone test"); err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Stdout.WriteString("held\n")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// hold starts a process that holds the lock of a path.
func hold(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), "UNDERTONE_TEST_LOCK="+path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 5)
	if _, err := out.Read(text); err != nil || string(text) != "held\n" {
		t.Fatalf("the process says %q, %v", text, err)
	}
	return c
}

func TestAcquire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	other := hold(t, path)
	_, err := Acquire(path, "undertone test")
	var held *HeldError
	if !errors.As(err, &held) || held.Holder.PID != other.Process.Pid || held.Holder.What != "undertone test" || time.Since(held.Holder.Since) > time.Hour {
		t.Fatalf("error %v, want the holder %d", err, other.Process.Pid)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	l, err := Acquire(path, "undertone test")
	if err != nil {
		t.Fatalf("the lock of a killed process: %v", err)
	}
	l.Release()
	if _, err := os.Lstat(File(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lock file stays: %v", err)
	}
}

// At most one of many has the lock, although its file comes and goes.
func TestAcquireIsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows")
	var inside, got atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				l, err := Acquire(path, "undertone test")
				if errors.As(err, new(*HeldError)) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d hold the lock", n)
				}
				got.Add(1)
				inside.Add(-1)
				l.Release()
			}
		})
	}
	wg.Wait()
	if got.Load() == 0 {
		t.Error("the lock was never held")
	}
}

// A lock file that someone edited is described without control characters.
func TestHolderIsPrintable(t *testing.T) {
	for _, text := range []string{"", "x", " {\"pid\":1,\"host\":\"\\u001b[2J\",\"what\":\"a\\u202eb\"}", " {\"pid\":1e99}"} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := holder(path).String(); strings.ContainsAny(got, "\x1b\u202e") || got == "" {
			t.Errorf("%q is described as %q", text, got)
		}
	}
}

// A lock file that is a link, a folder or a file of somebody else is an error, and stays.
func TestForeignLockFiles(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"a link to a file":    {func(path string) error { return os.Symlink(os.Args[0], path) }, "no regular file"},
		"a link to nothing":   {func(path string) error { return os.Symlink("nowhere", path) }, "no regular file"},
		"a folder":            {func(path string) error { return os.Mkdir(path, 0o777) }, "no regular file"},
		"rows":                {func(path string) error { return os.WriteFile(path, []byte(`{"pid":1}`+"\n"), 0o666) }, "not a lock file"},
		"the lock of nothing": {func(path string) error { return os.WriteFile(path, []byte("\x00{\"pid\":0}\n"), 0o666) }, "not a lock file"},
	} {
		path := filepath.Join(t.TempDir(), "out")
		if err := c.make(File(path)); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Lstat(File(path))
		if l, err := Acquire(path, "test"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
			if l != nil {
				l.Release()
			}
		}
		if after, err := os.Lstat(File(path)); err != nil || !os.SameFile(before, after) || after.Size() != before.Size() {
			t.Errorf("%s: the file is changed or gone (%v)", name, err)
		}
	}
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(File(path), nil, 0o666); err != nil { // a process that was killed before it wrote
		t.Fatal(err)
	}
	l, err := Acquire(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
}
