package main

import (
	"fmt"
	"os"
)

// progress is one changing line on standard error, on a terminal only.
type progress struct{ terminal bool }

func newProgress() progress {
	info, err := os.Stderr.Stat()
	return progress{err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p progress) line(format string, args ...any) {
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r\033[K"+format, args...)
	}
}

func (p progress) clear() { p.line("") }
