package teacher

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/undertone-audit/undertone"
)

// A line of a recording is a JSON object whose first field is the checksum of all
// that follows that field, up to the end of the line.
const (
	sealOpen  = `{"sum":"`
	sealClose = `",`
	sealSize  = len(sealOpen) + 8 + len(sealClose)
	lineLimit = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealed lays out v, which is an object with a field at least, as a line.
func sealed(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("teacher: recording: %w", err)
	}
	if len(text)+sealSize > lineLimit {
		return nil, fmt.Errorf("teacher: recording: an answer takes %d bytes, more than %d", len(text), lineLimit)
	}
	rest := text[1:]
	line := fmt.Appendf(make([]byte, 0, sealSize+len(rest)+1), "%s%08x%s", sealOpen, crc32.Checksum(rest, castagnoli), sealClose)
	return append(append(line, rest...), '\n'), nil
}

// unseal reads a line into v.
func unseal(text []byte, v any) error {
	if len(text) < sealSize || !bytes.HasPrefix(text, []byte(sealOpen)) {
		return fmt.Errorf("it does not begin with a checksum")
	}
	rest := text[sealSize:]
	if want := fmt.Sprintf("%08x%s", crc32.Checksum(rest, castagnoli), sealClose); string(text[len(sealOpen):sealSize]) != want {
		return fmt.Errorf("the checksum is wrong")
	}
	return json.Unmarshal(text, v)
}

// read reads a recording: its answers, and how many bytes of it are whole lines. What
// follows the last line feed was torn when its writer died; damage before it is an error.
func read(r io.Reader, path string) (h header, answers map[undertone.Digest]json.RawMessage, whole int64, err error) {
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
			if err := unseal(lines.Bytes(), &h); err != nil {
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
		if err := unseal(lines.Bytes(), &l); err != nil {
			return fail(err, "take the line out, and what it answered is asked again")
		}
		if _, known := answers[l.Key]; !known {
			answers[l.Key] = l.Answer
		}
	}
	n++
	if err := lines.Err(); err != nil {
		return fail(err, "the file cannot be read on")
	}
	if n == 1 {
		return fail(io.ErrUnexpectedEOF, "this is not a recording: give another file")
	}
	return h, answers, whole, nil
}
