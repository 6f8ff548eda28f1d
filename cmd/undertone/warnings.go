package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/undertone-audit/undertone/internal/escape"
)

// warnings collects what the user should know although it does not change the result, such as a
// damaged value of a store. It is written when the verb has ended, so that no progress bar
// overwrites it.
type warnings struct {
	mu   sync.Mutex
	said []string
}

// shownWarnings is the number of warnings that are written; the others are counted.
const shownWarnings = 20

// add adds a warning. A nil w drops it.
func (w *warnings) add(text string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, text)
}

// write writes the warnings, one per line.
func (w *warnings) write(to io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, text := range w.said {
		if i == shownWarnings {
			fmt.Fprintf(to, "undertone: warning: %d more warnings like the last one\n", len(w.said)-i)
			return
		}
		fmt.Fprintln(to, "undertone: warning:", escape.Text(text))
	}
}
