package jsonl

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const bufferSize = 128 << 10

// lines splits text into lines of limited length. It skips blank lines.
type lines struct {
	r     *bufio.Reader
	limit int
	long  []byte // a line that is longer than the buffer of r

	number int   // of the last line, 1-based
	start  int64 // offset of the last line in the text
	end    int64 // offset of the next line
	cut    bool  // the last line has no line feed
	padded bool  // the line that exceeds the limit has NUL bytes where it does
}

// next returns the next line that is not blank, without its line end, or io.EOF after the last
// line. The line is valid until the next call. After ErrLimit or a read error, number is that of
// the line that could not be read.
func (l *lines) next() ([]byte, error) {
	for {
		line, err := l.read()
		if err != nil {
			return nil, err
		}
		if !isBlank(line) {
			return line, nil
		}
	}
}

func (l *lines) read() ([]byte, error) {
	if l.number == 0 {
		l.skipMark()
	}
	l.number++
	l.start, l.long = l.end, l.long[:0]
	for {
		chunk, err := l.r.ReadSlice('\n')
		l.end += int64(len(chunk))
		whole := err == nil
		if whole {
			chunk = chunk[:len(chunk)-1]
		}
		if len(l.long)+len(chunk) > l.limit+1 { // plus a carriage return
			l.padded = chunk[len(chunk)-1] == 0
			return nil, ErrLimit
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			l.long = append(l.long, chunk...)
			continue
		}
		if len(l.long) > 0 {
			l.long = append(l.long, chunk...)
			chunk = l.long
		}
		switch {
		case err == nil:
		case err == io.EOF && len(chunk) > 0:
			l.cut = true
		default:
			return nil, err
		}
		chunk = bytes.TrimSuffix(chunk, []byte{'\r'})
		if len(chunk) > l.limit {
			return nil, ErrLimit
		}
		return chunk, nil
	}
}

// isBlank reports whether text is a blank line, or several.
func isBlank(text []byte) bool { return len(bytes.TrimLeft(text, " \t\r\n")) == 0 }

// trimMark returns text without a byte order mark at its start.
func trimMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte(byteOrderMark)) }

// skipMark skips a byte order mark.
func (l *lines) skipMark() {
	if head, _ := l.r.Peek(len(byteOrderMark)); string(head) == byteOrderMark {
		n, _ := l.r.Discard(len(byteOrderMark))
		l.end += int64(n)
	}
}
