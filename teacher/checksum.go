package teacher

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/undertone-audit/undertone"
)

// A line of a recording is a JSON object. Its first field is the checksum of the rest of the line.
const (
	checksumOpen  = `{"sum":"`
	checksumClose = `",`
	checksumSize  = len(checksumOpen) + 8 + len(checksumClose)
	lineLimit     = 64 << 20 // bytes
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodeLine returns the line for v, which must be an object with at least one field.
func encodeLine(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("teacher: recording: %w", err)
	}
	if len(text)+checksumSize > lineLimit {
		return nil, fmt.Errorf("teacher: recording: an answer has %d bytes, want at most %d", len(text), lineLimit)
	}
	rest := text[1:]
	line := fmt.Appendf(make([]byte, 0, checksumSize+len(rest)+1), "%s%08x%s", checksumOpen, crc32.Checksum(rest, castagnoli), checksumClose)
	return append(append(line, rest...), '\n'), nil
}

// decodeLine checks the checksum of a line and decodes it into v.
func decodeLine(text []byte, v any) error {
	if len(text) < checksumSize || !bytes.HasPrefix(text, []byte(checksumOpen)) {
		return errors.New("it does not start with a checksum")
	}
	rest := text[checksumSize:]
	if want := fmt.Sprintf("%08x%s", crc32.Checksum(rest, castagnoli), checksumClose); string(text[len(checksumOpen):checksumSize]) != want {
		return errors.New("the checksum is wrong")
	}
	return json.Unmarshal(text, v)
}

// readRecording reads a recording. whole is the length of its complete lines in bytes. The text
// after the last line feed is an incomplete line of a killed process; damage before it is an error.
func readRecording(r io.Reader, path string) (h header, answers map[undertone.Digest]json.RawMessage, whole int64, err error) {
	answers = make(map[undertone.Digest]json.RawMessage)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, lineLimit)
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if n := bytes.IndexByte(data, '\n'); n >= 0 {
			whole += int64(n) + 1
			return n + 1, data[:n], nil
		}
		if atEOF {
			return len(data), nil, nil
		}
		return 0, nil, nil
	})
	n := 0
	fail := func(err error, hint string) (header, map[undertone.Digest]json.RawMessage, int64, error) {
		return header{}, nil, 0, fmt.Errorf("%w: %s:%d: %w: %s", ErrRecording, path, n, err, hint)
	}
	for lines.Scan() {
		n++
		if n == 1 {
			if err := decodeLine(lines.Bytes(), &h); err != nil {
				return fail(err, "this is not a recording: give another file")
			}
			if h.Format != format {
				return fail(fmt.Errorf("the format is %q, want %q", h.Format, format), "record it again")
			}
			continue
		}
		var l struct {
			Key    undertone.Digest `json:"key"`
			Answer json.RawMessage  `json:"answer"`
		}
		if err := decodeLine(lines.Bytes(), &l); err != nil {
			return fail(err, "remove the line, and its request will be asked again")
		}
		if _, known := answers[l.Key]; !known {
			answers[l.Key] = l.Answer
		}
	}
	n++
	if err := lines.Err(); err != nil {
		return fail(err, "the rest of the file cannot be read")
	}
	if n == 1 {
		return fail(io.ErrUnexpectedEOF, "this is not a recording: give another file")
	}
	return h, answers, whole, nil
}
