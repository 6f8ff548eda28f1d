package main

import (
	"bytes"
	"io"
	"regexp"
)

// coloredWords matches the words of a text for people that are colored: verdicts and outcomes at
// the start of a line, in capitals; verdicts of traits and findings, after a colon or in a column;
// and the label of a warning or an error.
var coloredWords = regexp.MustCompile(`(?m)^(?:undertone: )?(?:warning|error):|^(?:DETECTED|FAILED)\b|^(?:UNDETECTED|PASSED)\b|^(?:INCONCLUSIVE|WARNING)\b|(?:: |  )(?:detected|undetected|inconclusive)\b`)

// The colors of SGR (ECMA-48): bold red, green and yellow.
const (
	red, green, yellow = "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m"
	plain              = "\x1b[0m"
)

// colorOf are the colors by the last word of a match of [coloredWords].
var colorOf = map[string]string{
	"DETECTED": red, "FAILED": red, "detected": red, "error": red,
	"UNDETECTED": green, "PASSED": green, "undetected": green,
	"INCONCLUSIVE": yellow, "WARNING": yellow, "inconclusive": yellow, "warning": yellow,
}

// lastWord matches the word of a match of [coloredWords] that is colored.
var lastWord = regexp.MustCompile(`\w+`)

// colored colors the words of a text. What surrounds them is unchanged.
func colored(text []byte) []byte {
	return coloredWords.ReplaceAllFunc(text, func(match []byte) []byte {
		all := lastWord.FindAllIndex(match, -1)
		at := all[len(all)-1]
		word := match[at[0]:at[1]]
		return bytes.Join([][]byte{match[:at[0]], []byte(colorOf[string(word)]), word, []byte(plain), match[at[1]:]}, nil)
	})
}

// colorWriter colors what is written. Each write must hold whole lines.
type colorWriter struct{ io.Writer }

func (w colorWriter) Write(text []byte) (int, error) {
	if _, err := w.Writer.Write(colored(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// forPeople returns a writer of a text for people to a stream, which is colored if --color says so.
// Each write must hold whole lines.
func (c console) forPeople(w io.Writer) io.Writer {
	if c.flags.colors(w) {
		return colorWriter{w}
	}
	return w
}
