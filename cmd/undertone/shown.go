package main

import (
	"io"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
)

// shown returns a copy of a summary, and the writer for it, that are safe to show on a terminal:
// names of files and models, and text of rows, neither control the terminal nor begin a line.
func shown[R any](summary *R, w io.Writer) (*R, io.Writer) {
	return escape.Strings(summary, escape.Text), escape.Writer(w)
}

// errorText returns the text of an error in one line. Errors that [errors.Join] joined are
// separated by semicolons.
func errorText(err error) string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return escape.Text(withFlags(err))
	}
	var texts, plain []string
	for _, e := range joined.Unwrap() {
		texts, plain = append(texts, errorText(e)), append(plain, e.Error())
	}
	if strings.Join(plain, "\n") != err.Error() { // the error has a text of its own
		return escape.Text(withFlags(err))
	}
	return strings.Join(texts, "; ")
}
