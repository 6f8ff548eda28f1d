// Package progress writes one changing line to standard error, on a terminal only.
package progress

import (
	"fmt"
	"os"
	"sync"
)

// Line is the line. Its methods may be called from several goroutines.
type Line struct {
	terminal bool
	mu       sync.Mutex
}

// New returns a line that is silent where standard error is not a terminal.
func New() *Line {
	info, err := os.Stderr.Stat()
	return &Line{terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// Show replaces what the line says.
func (l *Line) Show(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.terminal {
		fmt.Fprintf(os.Stderr, "\r\033[K"+format, args...)
	}
}

// Clear empties the line.
func (l *Line) Clear() { l.Show("") }
