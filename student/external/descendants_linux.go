package external

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// killDescendants kills the processes that have a mark in their environment. Processes that start
// others while they are killed are killed in the next round.
func killDescendants(mark string) {
	for range maxRounds {
		if signalDescendants(mark, syscall.SIGKILL) == 0 {
			return
		}
	}
}

// maxRounds is a limit of rounds, which a process that forks without end would need.
const maxRounds = 100

// signalDescendants sends a signal to the processes that have a mark in their environment, and
// returns how many it reached. A process that has ended, and waits for its parent to read its
// status, has no environment.
func signalDescendants(mark string, signal syscall.Signal) (reached int) {
	all, _ := filepath.Glob("/proc/[0-9]*/environ")
	self := os.Getpid()
	for _, path := range all {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || pid == self {
			continue
		}
		// The process is opened before its environment is read, so that the signal cannot reach
		// another process that got its number.
		p, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		if marked(path, mark) && p.Signal(signal) == nil {
			reached++
		}
		_ = p.Release()
	}
	return reached
}

// marked reports whether the environment of a process, which the system limits to a few megabytes,
// has a mark.
func marked(path, mark string) bool {
	text, err := os.ReadFile(path)
	return err == nil && bytes.Contains(append([]byte{0}, text...), []byte("\x00"+mark+"\x00"))
}
