package jsonl

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// errAppended means that bytes which are neither a member nor padding follow a gzip member.
var errAppended = errors.New("no gzip header follows the gzip data")

// members reads the members of a gzip file as one text (RFC 1952, 2.2). Zero bytes after a member
// are padding, as tapes and some file systems leave it; gzip and Python skip them too.
type members struct {
	from   *bufio.Reader // at the next member when one has ended
	member *gzip.Reader
}

func newMembers(from *bufio.Reader) (*members, error) {
	member, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &members{from, member}, nil
}

// Read implements [io.Reader].
func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.member.Read(p)
		if n > 0 && err == io.EOF {
			return n, nil // the next call finds the end again
		}
		if err != io.EOF {
			return n, err
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
}

// next moves to the next member. It returns io.EOF after the last.
func (m *members) next() error {
	for {
		b, err := m.from.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			break
		}
	}
	_ = m.from.UnreadByte() // a byte was read
	switch head, err := m.from.Peek(len(magicGzip)); {
	case string(head) == magicGzip:
	case err == io.EOF && head[0] == magicGzip[0]:
		return io.ErrUnexpectedEOF
	case err != nil && err != io.EOF:
		return err
	default:
		return errAppended
	}
	if err := m.member.Reset(m.from); err == io.EOF {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	m.member.Multistream(false)
	return nil
}
