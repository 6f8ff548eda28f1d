package jsonl

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

var (
	// ErrEmpty means that a file or stream has no rows.
	ErrEmpty = errors.New("jsonl: no rows")

	// ErrShape means that a row has no known shape, or more than one.
	ErrShape = errors.New("jsonl: unknown or ambiguous shape")

	// ErrIndex means that an index does not fit its file: the file changed, or the index is damaged,
	// is of another version or was built with other options.
	ErrIndex = errors.New("jsonl: the index does not fit the file")

	// ErrSequential means that a file cannot be read at random, because it is compressed or a pipe.
	ErrSequential = errors.New("jsonl: not readable at random")

	// ErrLimit means that the input exceeds a limit on length, nesting, compression or memory.
	ErrLimit = errors.New("jsonl: limit exceeded")
)

// Error is an error about a file or a row. All errors of this package have this type, except errors
// of a stream that is being saved, which are returned unchanged.
type Error struct {
	File   string // name of the file, or ""
	Line   int    // from 1; 0 if the error is not about one line
	Column int    // from 1, in bytes; 0 if the error is not about one position
	Offset int64  // of the column in the decompressed text, in bytes; valid if Column > 0
	Msg    string // what is wrong
	Hint   string // what to do, or ""
	Option string // the [Option] that would help, such as "As", or ""
	Err    error  // the cause, a sentinel of this package, or nil
}

// The names of options in errors.
const (
	optionAs         = "As"
	optionMaxLine    = "MaxLine"
	optionDetokenise = "Detokenise"
	optionMaxMemory  = "MaxMemory"
)

// Error returns "file:line:column: message; hint, or use of the option" without the unknown parts.
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
	use := ""
	switch e.Option {
	case "":
	case optionAs:
		use = "choose a shape with the option As"
	case optionDetokenise:
		use = "name their tokenizer with the option Detokenise"
	default:
		use = "allow more with the option " + e.Option
	}
	switch {
	case e.Hint != "" && use != "":
		b.WriteString("; " + e.Hint + ", or " + use)
	case e.Hint != "" || use != "":
		b.WriteString("; " + e.Hint + use)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// quote quotes at most 40 bytes of a text for a message.
// clip returns JSON text for a message, in quotes only if it has characters that cannot be printed.
func clip(text string) string {
	const most = 40
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return quote(text)
	}
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func quote(s string) string {
	const most = 40
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
}
