package teacher

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone"
)

// A line of a recording is a JSON object. Its first field is the checksum of the rest of the line.
const (
	checksumOpen   = `{"sum":"`
	checksumClose  = `",`
	checksumDigits = 32 // hexadecimal
	checksumSize   = len(checksumOpen) + checksumDigits + len(checksumClose)
	lineLimit      = 64 << 20 // bytes
)

// chain computes the checksums of the lines of one recording in their order. A checksum depends on
// the header, the checksum of the line before, and the line, so that a line is bound to the model,
// to the file and to its place.
type chain struct {
	key  undertone.Digest // derived from the header
	last string           // the checksum of the line before; "" before the first line
}

func newChain(h header) *chain {
	text, _ := json.Marshal(h) // it consists of strings and booleans, so there is no error
	return &chain{key: undertone.NewHasher("recording key").Text(string(text)).Sum()}
}

// next returns the checksum of the rest of the next line.
func (c *chain) next(rest []byte) string {
	mac := hmac.New(sha256.New, c.key[:])
	mac.Write(fmt.Appendf(nil, "%*s", checksumDigits, c.last)) // of a fixed width
	mac.Write(rest)
	return hex.EncodeToString(mac.Sum(nil))[:checksumDigits]
}

// encode returns the next line, for v, which must be an object with at least one field.
func (c *chain) encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("teacher: recording: %w", err)
	}
	if len(text)+checksumSize > lineLimit {
		return nil, fmt.Errorf("teacher: recording: an answer has %d bytes, want at most %d", len(text), lineLimit)
	}
	return c.line(text[1:]), nil
}

// line returns the next line, whose text behind the checksum is rest.
func (c *chain) line(rest []byte) []byte {
	c.last = c.next(rest)
	line := fmt.Appendf(make([]byte, 0, checksumSize+len(rest)+1), "%s%s%s", checksumOpen, c.last, checksumClose)
	return append(append(line, rest...), '\n')
}

var errNoChecksum = errors.New("it does not start with a checksum")

// split returns the checksum of a line and the text behind it.
func split(text []byte) (sum string, rest []byte, err error) {
	if len(text) < checksumSize || !bytes.HasPrefix(text, []byte(checksumOpen)) || !bytes.HasPrefix(text[checksumSize-len(checksumClose):], []byte(checksumClose)) {
		return "", nil, errNoChecksum
	}
	return string(text[len(checksumOpen):][:checksumDigits]), text[checksumSize:], nil
}

// decode checks the checksum of the next line and decodes the line into v. The line after a damaged
// line is checked against the checksum that the damaged line states.
func (c *chain) decode(text []byte, v any) error {
	sum, rest, err := split(text)
	if err != nil {
		c.last = ""
		return err
	}
	want := c.next(rest)
	c.last = sum
	if sum != want {
		return errors.New("the checksum is wrong")
	}
	return json.Unmarshal(text, v)
}

// recorded is the content of a recording.
type recorded struct {
	header  header
	answers map[undertone.Digest]json.RawMessage
	whole   int64         // length of the complete lines in bytes
	chain   *chain        // behind the last complete line
	damaged map[int]error // by line, from 1
}

// recordedLines returns a scanner of the complete lines of a recording, and counts their bytes.
func recordedLines(r io.Reader, whole *int64) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, lineLimit)
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if n := bytes.IndexByte(data, '\n'); n >= 0 {
			*whole += int64(n) + 1
			return n + 1, data[:n], nil
		}
		if atEOF {
			return len(data), nil, nil
		}
		return 0, nil, nil
	})
	return lines
}

// readRecording reads a recording. The text after the last line feed is an incomplete line of a
// killed process. A damaged first line is an error; other damaged lines are listed.
func readRecording(r io.Reader, path string) (*recorded, error) {
	rec := &recorded{answers: map[undertone.Digest]json.RawMessage{}, damaged: map[int]error{}}
	lines := recordedLines(r, &rec.whole)
	n := 0
	fail := func(err error, hint string) (*recorded, error) {
		return nil, fmt.Errorf("%w: %s:%d: %w: %s", ErrRecording, path, n, err, hint)
	}
	for lines.Scan() {
		if n++; n == 1 {
			if err := rec.readHeader(lines.Bytes()); err != nil {
				return fail(err, "this is not a recording: give another file")
			}
			continue
		}
		var l struct {
			Key    undertone.Digest `json:"key"`
			Answer json.RawMessage  `json:"answer"`
		}
		if err := rec.chain.decode(lines.Bytes(), &l); err != nil {
			rec.damaged[n] = err
			continue
		}
		if _, known := rec.answers[l.Key]; !known {
			rec.answers[l.Key] = l.Answer
		}
	}
	n++
	if err := lines.Err(); err != nil {
		return fail(err, "the rest of the file cannot be read")
	}
	if n == 1 {
		return fail(io.ErrUnexpectedEOF, "this is not a recording: give another file")
	}
	return rec, nil
}

// readHeader reads the first line.
func (r *recorded) readHeader(text []byte) error {
	if _, _, err := split(text); err != nil {
		return err
	}
	if err := json.Unmarshal(text, &r.header); err != nil {
		return errors.New("it is not the JSON of a header")
	}
	r.chain = newChain(r.header)
	if err := r.chain.decode(text, &r.header); err != nil {
		return err
	}
	if r.header.Format != format {
		return fmt.Errorf("the format is %q, want %q", r.header.Format, format)
	}
	return nil
}

// repair writes the lines that are not damaged, with checksums for their new places.
func (r *recorded) repair(from io.Reader, to io.Writer) error {
	var whole int64
	lines, fresh := recordedLines(from, &whole), newChain(r.header)
	for n := 1; lines.Scan(); n++ {
		if r.damaged[n] != nil {
			continue
		}
		_, rest, err := split(lines.Bytes())
		if err == nil {
			_, err = to.Write(fresh.line(rest))
		}
		if err != nil {
			return err
		}
	}
	return lines.Err()
}
