package jsonl

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil || w.Close() != nil {
		t.Fatal("gzip:", err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, text []byte, opts ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, opts...)
	if err != nil {
		t.Fatal("zstd:", err)
	}
	if _, err := w.Write(text); err != nil || w.Close() != nil {
		t.Fatal("zstd:", err)
	}
	return b.Bytes()
}

// texts returns the texts of the rows, and the error that ended them.
func texts(r io.Reader, opts ...Option) (string, error) {
	var all []string
	for row, err := range Read("f", r, opts...) {
		if err != nil {
			return strings.Join(all, " "), err
		}
		all = append(all, row.Completion())
	}
	return strings.Join(all, " "), nil
}

func TestCompressedInput(t *testing.T) {
	one, two := []byte("{\"text\":\"a\"}\n"), []byte("{\"text\":\"b\"}\n")
	skippable := []byte("\x5a\x2a\x4d\x18\x03\x00\x00\x00abc")
	for _, c := range []struct {
		reason string
		data   []byte
		want   string
	}{
		{"plain", one, "a"},
		{"gzip", gzipped(t, one), "a"},
		{"gzip of several members", append(gzipped(t, one), gzipped(t, two)...), "a b"},
		{"gzip with padding after it", append(gzipped(t, one), make([]byte, 2*bufferSize)...), "a"},
		{"gzip with padding between its members", append(append(gzipped(t, one), make([]byte, 512)...), gzipped(t, two)...), "a b"},
		{"gzip with an empty member", append(append(gzipped(t, one), gzipped(t, nil)...), gzipped(t, two)...), "a b"},
		{"zstd", zstandard(t, one), "a"},
		{"zstd of several frames", append(zstandard(t, one), zstandard(t, two)...), "a b"},
		{"zstd with a skippable frame first", append(skippable, zstandard(t, two)...), "b"},
		{"zstd of a line cut between frames", append(zstandard(t, one[:5]), zstandard(t, one[5:])...), "a"},
	} {
		for _, r := range []io.Reader{bytes.NewReader(c.data), iotest.OneByteReader(bytes.NewReader(c.data)), iotest.DataErrReader(bytes.NewReader(c.data))} {
			if got, err := texts(r); err != nil || got != c.want {
				t.Errorf("%s: got %q, %v; want %q", c.reason, got, err, c.want)
			}
		}
	}
}

func TestCompressedInputThatIsCut(t *testing.T) {
	text := numberRows(2000, messagesLayout)
	for name, data := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstandard(t, text)} {
		for n := 4; n < len(data); n += 1 + n/10 {
			_, err := texts(bytes.NewReader(data[:n]))
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasSuffix(err.Error(), ": the "+name+" data ends early; fetch or write the file again") {
				t.Errorf("%s, %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

func TestCompressedInputThatIsDamaged(t *testing.T) {
	text := numberRows(2000, messagesLayout)
	for name, data := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstandard(t, text)} {
		for n := len(data) - 1; n > 4; n -= 1 + n/20 {
			flipped := bytes.Clone(data)
			flipped[n] ^= 0x10
			_, err := texts(bytes.NewReader(flipped))
			var e *Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s, byte %d: %v is not an *Error", name, n, err)
			}
			if n > len(data)-5 && err == nil {
				t.Errorf("%s, byte %d of the checksum or the length: no error", name, n)
			}
		}
	}
}

func TestCompressedInputThatIsHostile(t *testing.T) {
	// A frame header that asks for a window of 2 GiB: magic, descriptor, window
	// descriptor with exponent 21 (RFC 8878, 3.1.1.1.2), one raw block of 0 bytes, the last.
	window := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00}
	// A single-segment frame that says that it holds 1 TiB: 8 bytes of content size.
	size := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x01, 0x00, 0x00}
	endless := bytes.Repeat([]byte("x"), 17<<20)
	row := []byte("{\"text\":\"a\"}\n")
	const appended = "; check what was appended to the file, and write the rows again without it"
	for _, c := range []struct {
		reason, want string
		data         []byte
		is           error
	}{
		{"a large window", "f:1: the zstd data needs a window of more than 128 MiB; compress it without --long", window, ErrLimit},
		{"a large frame", "f:1: the zstd data needs a window of more than 128 MiB; compress it without --long", size, ErrLimit},
		{"zstd of an endless line", "f:1: the line is longer than 16777216 bytes; write one row per line, or allow more with the option MaxLine", zstandard(t, endless), ErrLimit},
		{"gzip of an endless line", "f:1: the line is longer than 16777216 bytes; write one row per line, or allow more with the option MaxLine", gzipped(t, endless), ErrLimit},
		{"gzip in zstd", "f: the content is compressed twice; decompress it once", zstandard(t, gzipped(t, []byte("{}"))), nil},
		{"zstd in gzip", "f: the content is compressed twice; decompress it once", gzipped(t, zstandard(t, []byte("{}"))), nil},
		{"something after gzip", "f:2: bytes that are not gzip follow the gzip data" + appended, append(gzipped(t, row), "0123456789"...), nil},
		{"something after padding", "f:2: bytes that are not gzip follow the gzip data" + appended, append(gzipped(t, row), "\x00\x00\x00\x1e"...), nil},
		{"rows after gzip", "f:2: bytes that are not gzip follow the gzip data" + appended, append(gzipped(t, row), row...), nil},
		{"half a gzip header after gzip", "f:2: the gzip data ends early; fetch or write the file again", append(gzipped(t, row), magicGzip[0]), io.ErrUnexpectedEOF},
		{"a gzip header after gzip", "f:2: the gzip data ends early; fetch or write the file again", append(gzipped(t, row), magicGzip...), io.ErrUnexpectedEOF},
		{"rows after zstd", "f:2: bytes that are not zstd follow the zstd data" + appended, append(zstandard(t, row), row...), nil},
		{"padding after zstd", "f:2: bytes that are not zstd follow the zstd data" + appended, append(zstandard(t, row), make([]byte, 64)...), nil},
		{"no rows in zstd", "f: there are no rows; check the program that writes them", zstandard(t, nil, zstd.WithZeroFrames(true)), ErrEmpty},
		{"no rows in gzip", "f: there are no rows; check the program that writes them", gzipped(t, nil), ErrEmpty},
	} {
		_, err := texts(bytes.NewReader(c.data))
		if err == nil || err.Error() != c.want || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s:\n got %v\nwant %s", c.reason, err, c.want)
		}
	}
}

func TestSourceThatFails(t *testing.T) {
	broken := errors.New("the cable is out")
	text := numberRows(2000, messagesLayout)
	for name, data := range map[string][]byte{"plain": text, "gzip": gzipped(t, text), "zstd": zstandard(t, text)} {
		for _, n := range []int{0, 2, len(data) / 2, len(data)} {
			_, err := texts(io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(broken)))
			if !errors.Is(err, broken) || !strings.HasSuffix(err.Error(), ": cannot read: the cable is out") {
				t.Errorf("%s, after %d bytes: %v", name, n, err)
			}
		}
	}
}
