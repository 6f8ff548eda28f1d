//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package teacher_test

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/undertone-audit/undertone/teacher"
)

// A pipe would hold up a reader for ever.
func TestRecordRefusesPipes(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("not checked: pipes:", err)
	}
	for _, path := range []string{pipe, "/dev/null"} {
		_, err := teacher.Record(newScribe(), path)
		_, replay := teacher.Replay(path)
		for _, err := range []error{err, replay} {
			if !errors.Is(err, teacher.ErrRecording) || !strings.Contains(err.Error(), path+" is not a regular file") {
				t.Errorf("%s: error %v", path, err)
			}
		}
	}
}
