package jsonl

import (
	"fmt"
	"strings"
)

const byteOrderMark = "\ufeff"

// lostBytes is the remedy for NUL bytes.
const lostBytes = "the file is padded, or a crash lost a part of it: fetch or write it again"

// stray returns an error if the byte at a position, where JSON allows something else, belongs to a
// byte order mark, to NUL bytes or to text of another encoding. Otherwise it returns nil.
func (s *scanner) stray(at int) error {
	switch rest := s.text[at:]; {
	case strings.HasPrefix(rest, byteOrderMark):
		return s.fail(at, "remove it: when files are joined, each may begin with one", "a byte order mark (U+FEFF) in the middle of the file")
	case strings.HasPrefix(rest, "\xff\xfe"), strings.HasPrefix(rest, "\xfe\xff"):
		return s.otherEncoding(at)
	case rest == "" || rest[0] != 0:
		return nil
	}
	run := at
	for run < len(s.text) && s.text[run] == 0 {
		run++
	}
	if run-at == 1 && (zeroAt(s.text, at-2) || zeroAt(s.text, at+2)) { // every second byte
		return s.otherEncoding(at)
	}
	what := "a NUL byte"
	if run-at > 1 {
		what = fmt.Sprintf("%d NUL bytes", run-at)
	}
	return s.fail(at, lostBytes, "%s (0x00) where text should be", what)
}

func (s *scanner) otherEncoding(at int) error {
	return s.fail(at, "convert each file to UTF-8 before they are joined, for instance with iconv", "UTF-16 text begins in the middle of the file")
}

func zeroAt(text string, i int) bool { return 0 <= i && i < len(text) && text[i] == 0 }
