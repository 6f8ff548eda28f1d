package external

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone/internal/escape"
)

// Bounds of what is kept of the output of a trainer.
const (
	maxLogFile  = 64 << 20 // bytes of the log file of a replicate
	maxLogLine  = 4 << 10  // bytes of a line that is shown; the rest of it is left out
	shownLines  = 8        // last lines that an error quotes
	shownLength = 200      // bytes of a line that an error quotes
)

// trainerLog receives the output of a trainer: it writes the first bytes to a file, passes whole
// lines on, and holds the last ones. A carriage return ends a line, as progress bars use it.
type trainerLog struct {
	file   *os.File
	prefix string
	lines  *lineWriter // nil passes nothing on

	written int
	failed  error // of the file
	line    []byte
	last    []string
}

// Write implements [io.Writer]. It does not fail, so that a trainer does not end because of a full
// disk; see failed.
func (l *trainerLog) Write(p []byte) (int, error) {
	if l.failed == nil && l.written < maxLogFile {
		n, err := l.file.Write(p[:min(len(p), maxLogFile-l.written)])
		l.written += n
		l.failed = err
		if l.failed == nil && l.written == maxLogFile {
			_, l.failed = fmt.Fprintf(l.file, "\n[undertone: the log is longer than %d bytes; the rest is left out]\n", maxLogFile)
		}
	}
	for rest := p; len(rest) > 0; {
		end := bytes.IndexAny(rest, "\r\n")
		part := rest
		if end >= 0 {
			part = rest[:end]
		}
		l.line = append(l.line, part[:min(len(part), maxLogLine-len(l.line))]...)
		if end < 0 {
			break
		}
		l.end()
		rest = rest[end+1:]
	}
	return len(p), nil
}

// end passes on the line so far.
func (l *trainerLog) end() {
	text := strings.TrimRight(string(l.line), " \t")
	l.line = l.line[:0]
	if text == "" {
		return
	}
	if l.last = append(l.last, text); len(l.last) > shownLines {
		l.last = append(l.last[:0], l.last[1:]...)
	}
	l.lines.write(l.prefix + text)
}

// tail returns the last lines for an error.
func (l *trainerLog) tail() string {
	if len(l.line) > 0 {
		l.end()
	}
	if len(l.last) == 0 {
		return "; it wrote nothing"
	}
	quoted := make([]string, len(l.last))
	for i, line := range l.last {
		if quoted[i] = line; len(line) > shownLength {
			quoted[i] = line[:shownLength] + "…"
		}
	}
	return "; its last lines: " + escape.Text(strings.Join(quoted, " | "))
}

// lineWriter writes whole lines of several trainers to one writer.
type lineWriter struct {
	mu sync.Mutex
	to io.Writer
}

// write writes a line in which nothing controls a terminal. An error of the writer is ignored: the
// log file has the line too.
func (w *lineWriter) write(line string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = io.WriteString(w.to, escape.Text(line)+"\n")
}
