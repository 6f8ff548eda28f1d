// Package escape makes foreign text safe to show: names of files, models and traits, text of rows,
// errors that quote them. Each output format has one function. Characters that control a terminal,
// reorder text, or are invisible are shown by their code points, such as <U+202E>.
package escape

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible reports whether a character can be shown as it is: letters, marks, numbers, punctuation,
// symbols and spaces. It is false for control characters (C0, C1, DEL), direction and zero-width
// marks, line and paragraph separators, variation selectors and other characters without a shape,
// private and unassigned ones.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Text returns a text for one line of a terminal. Line feeds and tabs are shown by their code
// points, too. Bytes that are not UTF-8 are shown as <0xFF>. A text begins no workflow command in
// the log of GitHub Actions, and draws no heap of combining marks over other lines.
func Text(s string) string { return shown(s, "", nil) }

// Lines returns a text of several lines for a terminal: [Text] that keeps line feeds and tabs.
func Lines(s string) string { return shown(s, "\n\t", nil) }

// shown replaces characters that are not visible, except those to keep, by their code points, and
// others as replace says; it returns "" for a character that stays.
func shown(s, keep string, replace func(r rune, after string) string) string {
	var b strings.Builder
	var marks markRun
	commands := commandScan{blank: true}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		with := s[i : i+n]
		heaped, command := marks.excess(r), commands.begins(r)
		switch {
		case r == utf8.RuneError && n == 1:
			with = fmt.Sprintf("<0x%02X>", s[i])
		case strings.ContainsRune(keep, r):
		case !visible(r) || heaped || command:
			with = fmt.Sprintf("<U+%04X>", r)
		}
		if replace != nil {
			if other := replace(r, s[i+n:]); other != "" {
				with = other
			} else if with != s[i:i+n] {
				with = `\` + with // so that < begins no tag
			}
		}
		b.WriteString(with)
		i += n
	}
	return b.String()
}

// nothing is a zero-width space in Markdown. It ends what a site makes of a text after Markdown was
// read: mentions, references, addresses, emoji.
const nothing = "&#8203;"

// Markdown returns a text for one line of Markdown in the form of GitHub, also in a table. It is
// shown as [Text] shows it, and has no effect: no image, link, address, tag, entity, mention,
// reference, emoji, formula, emphasis, code, heading or list comes of it, and no cell ends. Line
// feeds and tabs become spaces.
func Markdown(s string) string {
	first, number := true, false // number: only digits so far
	last := [2]rune{}            // the characters before
	return shown(s, "", func(r rune, after string) string {
		before, start, numbered := last, first, number
		first, last = false, [2]rune{last[1], unicode.ToLower(r)}
		number = (start || number) && r >= '0' && r <= '9'
		next, _ := utf8.DecodeRuneInString(after)
		switch r {
		case ' ', '\n', '\t':
			if start { // spaces at the start of a line make code of it
				return "&#32;"
			}
			return " "
		case '\\', '`', '*', '_', '[', ']', '<', '>', '|', '~', '&', '!', '{', '}':
			return `\` + string(r)
		case '$':
			return "<span>$</span>" // as GitHub documents
		case '@', '#':
			return string(r) + nothing
		case ':':
			if after != "" && !strings.ContainsRune(" \t\n", next) { // an address or an emoji
				return ":" + nothing
			}
		case '.':
			if before == [2]rune{'w', 'w'} { // of www.
				return `\.`
			}
		case '-':
			if before == [2]rune{'g', 'h'} { // GH-1 is a reference
				return "-" + nothing
			}
		}
		if numbered && (r == '.' || r == ')') { // of a list
			return `\` + string(r)
		}
		if !isWord(before[1]) && isCommit(string(r)+after[:min(len(after), 48)]) {
			return string(r) + nothing
		}
		if start && strings.ContainsRune("-+=", r) { // of a list or below a heading
			return `\` + string(r)
		}
		return ""
	})
}

// isCommit reports whether a text begins with a word of 40 hexadecimal digits, which GitHub takes
// for a commit.
func isCommit(s string) bool {
	const digits = 40
	hex := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	if hex < 0 {
		hex = len(s)
	}
	next, _ := utf8.DecodeRuneInString(s[hex:])
	return hex == digits && (hex == len(s) || !isWord(next))
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// JSON returns a JSON text, which stays the same value, with characters that are not visible as
// \u escapes. Line feeds and tabs stay.
func JSON(text []byte) []byte {
	hidden := func(r rune) bool { return r != '\n' && r != '\t' && r != utf8.RuneError && !visible(r) }
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// Writer returns a writer of text for a terminal, in which each call of Write is shown as [Lines]
// shows it.
func Writer(w io.Writer) io.Writer { return linesWriter{w} }

type linesWriter struct{ w io.Writer }

func (l linesWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(l.w, Lines(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
