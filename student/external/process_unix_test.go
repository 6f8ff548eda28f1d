//go:build unix

package external_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/student/external"
)

// A trainer that hangs is stopped at its time limit, with all of its processes, although they
// ignore the request to end.
func TestTimeout(t *testing.T) {
	child := filepath.Join(t.TempDir(), "child")
	s := untrained(t, external.Config{Command: command(t, "hangs", child), Timeout: time.Second, Grace: 50 * time.Millisecond})
	_, err := s.Train(t.Context(), rows(8), recipe)
	if err == nil || !strings.Contains(err.Error(), "the trainer was stopped after 1s, its time limit") {
		t.Errorf("error %v", err)
	}
	gone(t, child)
}

// A trainer is stopped with all of its processes when the context ends.
func TestCancel(t *testing.T) {
	child := filepath.Join(t.TempDir(), "child")
	dir := t.TempDir()
	s := untrained(t, external.Config{Command: command(t, "hangs", child), Dir: dir, Grace: 50 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !exists(child) && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := s.Train(ctx, rows(8), recipe); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	gone(t, child)
	if left := entries(t, dir); len(left) != 1 {
		t.Errorf("the folder holds %q, want the base", left)
	}
}

// A process that a trainer leaves behind ends with it.
func TestChildIsKilled(t *testing.T) {
	child := filepath.Join(t.TempDir(), "child")
	s := untrained(t, external.Config{Command: command(t, "leaves a child", child), Grace: 50 * time.Millisecond})
	if _, err := s.Train(t.Context(), rows(8), recipe); err != nil {
		t.Error(err)
	}
	gone(t, child)
}

// A process that a trainer started ends with undertone, also if undertone is killed.
func TestKilledParent(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, behaviour := range []string{"hangs", "hangs with a daemon"} {
		if behaviour == "hangs" || runtime.GOOS == "linux" {
			t.Run(behaviour, func(t *testing.T) { killedParent(t, self, behaviour) })
		}
	}
}

func killedParent(t *testing.T, self, behaviour string) {
	child := filepath.Join(t.TempDir(), "child")
	parent := exec.Command(self, "fake-undertone", child, filepath.Join(t.TempDir(), "log"), behaviour)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !exists(child); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no child after a minute")
		}
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	gone(t, child)
}

// On Linux a process that has left the process group for a session of its own is found, whether the
// trainer ends by itself or hangs.
func TestDaemonIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("not checked: this system does not show the environment of processes")
	}
	for behaviour, want := range map[string]string{"leaves a daemon": "", "hangs with a daemon": "its time limit"} {
		child := filepath.Join(t.TempDir(), "child")
		s := untrained(t, external.Config{Command: command(t, behaviour, child), Timeout: 20 * time.Second, Grace: 50 * time.Millisecond})
		if want != "" {
			s = untrained(t, external.Config{Command: command(t, behaviour, child), Timeout: time.Second, Grace: 50 * time.Millisecond})
		}
		_, err := s.Train(t.Context(), rows(8), recipe)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", behaviour, err, want)
		}
		gone(t, child)
	}
}

func exists(path string) bool {
	text, err := os.ReadFile(path)
	return err == nil && len(text) > 0
}

// gone waits until the process whose number is in a file has ended.
func gone(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("process %d of the trainer is still there", pid)
}

// zombie reports whether a process has ended and waits for its parent to read its status.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(text), ") ")
	return err == nil && strings.HasPrefix(state, "Z")
}
