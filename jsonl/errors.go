package jsonl

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrEmpty says that there are no rows where rows were needed.
	ErrEmpty = errors.New("jsonl: no rows")

	// ErrShape says that a row has no known shape, or more than one.
	ErrShape = errors.New("jsonl: unknown or ambiguous shape")

	// ErrLimit says that input is longer, more nested or more compressed than was allowed.
	ErrLimit = errors.New("jsonl: limit exceeded")
)

// Error says what is wrong with a file or with a row that is to be written.
// All errors of this package but those of a stream that is being saved are of this type.
type Error struct {
	File   string // the name that was given; "" if none was
	Line   int    // 1-based; 0 if the error is not about one line
	Column int    // 1-based, in bytes; 0 if the error is not about one place of the line
	Offset int64  // of the column from the start of the decompressed text; valid if Column > 0
	Msg    string // what is wrong
	Hint   string // what to do about it; may be ""
	Err    error  // the cause or one of this package's sentinels; may be nil
}

// Error returns "file:line:column: message; hint" without the parts that are not known.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	switch {
	case e.Line > 0 && e.File == "":
		fmt.Fprintf(&b, "line %d", e.Line)
	case e.Line > 0:
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, ":%d", e.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(e.Msg)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// quote quotes text from a file for a message, at most 40 bytes of it.
func quote(s string) string {
	const most = 40
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
}
