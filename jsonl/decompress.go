package jsonl

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// maxWindow is the largest accepted zstd window, in bytes. It is the default limit of the zstd
// command (RFC 8878, 3.1.1.1.2).
const maxWindow = 128 << 20

// The first bytes of compressed files. A zstd file may also start with a skippable frame, whose
// first byte is one of sixteen.
const (
	magicGzip     = "\x1f\x8b"
	magicZstd     = "\x28\xb5\x2f\xfd"
	magicZstdSkip = "\x2a\x4d\x18"
)

// input is decompressed text.
type input struct {
	text   *bufio.Reader
	source *source
	format string // "gzip", "zstd" or "" for plain text
}

// source is a reader that counts bytes and keeps its error, so that a read error can be
// distinguished from damaged data.
type source struct {
	io.Reader
	tee  io.Writer    // of [Tee]; may be nil
	read atomic.Int64 // bytes
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.read.Add(int64(n))
	if s.tee != nil && n > 0 {
		if _, failed := s.tee.Write(p[:n]); failed != nil {
			err = failed
		}
	}
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// decompress detects compression from the first bytes. It returns an error for files of other
// formats.
func decompress(from *source) (*input, error) {
	in := &input{source: from}
	in.text = bufio.NewReaderSize(in.source, bufferSize)
	magic, _ := in.text.Peek(4) // the error recurs below
	switch head := string(magic); {
	case strings.HasPrefix(head, magicGzip):
		in.format = "gzip"
		unzipped, err := newMembers(in.text)
		if err != nil {
			return nil, in.explain(err)
		}
		in.text = bufio.NewReaderSize(unzipped, bufferSize)
	case head == magicZstd, len(head) == 4 && head[0]&0xf0 == 0x50 && head[1:] == magicZstdSkip:
		in.format = "zstd"
		// Concurrency 1 decodes in this goroutine, so no goroutine is left when a caller stops
		// early.
		unzipped, err := zstd.NewReader(in.text, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, in.explain(err)
		}
		in.text = bufio.NewReaderSize(unzipped, bufferSize)
	}
	if err := refuseForeign(in.text); err != nil {
		return nil, err
	}
	return in, nil
}

// explain returns an error of the source or of its decompression as an [Error].
func (in *input) explain(err error) *Error {
	const again = "fetch or write the file again"
	switch {
	case in.source.err != nil:
		return &Error{Msg: "cannot read: " + reason(in.source.err), Err: in.source.err}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &Error{Msg: "the " + in.format + " data ends early", Hint: again, Err: io.ErrUnexpectedEOF}
	case errors.Is(err, errAppended), errors.Is(err, zstd.ErrMagicMismatch):
		return &Error{Msg: "bytes that are not " + in.format + " follow the " + in.format + " data",
			Hint: "check what was appended to the file, and write the rows again without it", Err: err}
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &Error{Msg: "the zstd data needs a window of more than 128 MiB", Hint: "compress it without --long", Err: ErrLimit}
	}
	return &Error{Msg: "the " + in.format + " data is damaged: " + err.Error(), Hint: again, Err: err}
}

// reason returns the message of a file system error without its paths.
func reason(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err.Error()
	case errors.As(err, &link):
		return link.Err.Error()
	}
	return err.Error()
}
