package main

import (
	"fmt"
	"os"

	"github.com/undertone-audit/undertone/audit"
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

func (p progress) replicate(name string, a audit.Progress) {
	p.stage(fmt.Sprintf("%s: %s students %d of %d", name, a.Arm, a.Done, a.Total))
}

func (p progress) clear() { p.stage("") }
