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

func (p progress) stage(text string) {
	if p.terminal {
		fmt.Fprintf(os.Stderr, "\r\033[K%s", text)
	}
}

func (p progress) audits(name string, done, of int) {
	p.stage(fmt.Sprintf("%s: audit %d of %d", name, done, of))
}

func (p progress) clear() { p.stage("") }
