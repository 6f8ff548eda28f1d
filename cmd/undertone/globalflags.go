package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/undertone-audit/undertone/internal/escape"
)

// globalFlags are the flags of every verb.
type globalFlags struct {
	Config  configFlag `file:"read" placeholder:"FILE" help:"File with values of flags, by verb, which flags on the command line override; docs/config.md describes it (default none)."`
	Quiet   bool       `short:"q" xor:"volume" help:"Write only warnings and errors to standard error: no progress, no plan, no notes."`
	Verbose bool       `short:"v" xor:"volume" help:"Write more to standard error: the output of trainers, the requests of serve, and, unless it is a terminal, a line about the progress every 30 s."`
	Color   string     `placeholder:"WHEN" enum:"auto,always,never" default:"auto" help:"Color verdicts and warnings: auto colors on a terminal unless NO_COLOR is set or TERM is dumb (default ${default})."`
}

// colors reports whether a stream is colored.
func (f globalFlags) colors(w io.Writer) bool {
	switch f.Color {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// note writes a line about what a verb does to standard error, unless --quiet is given.
func (c console) note(format string, args ...any) {
	if !c.flags.Quiet {
		fmt.Fprintln(c.stderr, "undertone:", escape.Text(fmt.Sprintf(format, args...)))
	}
}

// more returns standard error with --verbose, otherwise nil.
func (c console) more() io.Writer {
	if c.flags.Verbose {
		return c.stderr
	}
	return nil
}
