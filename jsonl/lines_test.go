package jsonl

import (
	"bufio"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 40)
	for _, c := range []struct {
		reason, text string
		limit        int
		want         []string
		numbers      []int
		starts       []int64
		err          error
	}{
		{"line feeds", "a\nbc\n", 10, []string{"a", "bc"}, []int{1, 2}, []int64{0, 2}, io.EOF},
		{"no feed at the end", "a\nbc", 10, []string{"a", "bc"}, []int{1, 2}, []int64{0, 2}, io.EOF},
		{"carriage returns", "a\r\nbc\r\n", 10, []string{"a", "bc"}, []int{1, 2}, []int64{0, 3}, io.EOF},
		{"one carriage return is the line's end, another is not", "a\r\r\n", 10, []string{"a\r"}, []int{1}, []int64{0}, io.EOF},
		{"blank lines count", "\n \t\na\n\n\nb", 10, []string{"a", "b"}, []int{3, 6}, []int64{4, 8}, io.EOF},
		{"a byte order mark", "\ufeffa\n\ufeffb\n", 10, []string{"a", "\ufeffb"}, []int{1, 2}, []int64{3, 5}, io.EOF},
		{"spaces are kept", " a \n", 10, []string{" a "}, []int{1}, []int64{0}, io.EOF},
		{"longer than the buffer", long + "\nb", 40, []string{long, "b"}, []int{1, 2}, []int64{0, 41}, io.EOF},
		{"as long as allowed, with a carriage return", long + "\r\nb", 40, []string{long, "b"}, []int{1, 2}, []int64{0, 42}, io.EOF},
		{"one longer than allowed", "a\n" + long, 39, []string{"a"}, []int{1}, []int64{0}, ErrLimit},
		{"one longer than allowed, within the buffer", "a\n12345\n", 4, []string{"a"}, []int{1}, []int64{0}, ErrLimit},
		{"endless spaces", strings.Repeat(" ", 1000) + "\na", 40, nil, nil, nil, ErrLimit},
	} {
		l := lines{r: bufio.NewReaderSize(iotest.OneByteReader(strings.NewReader(c.text)), 16), limit: c.limit}
		var got []string
		var numbers []int
		var starts []int64
		line, err := l.next()
		for ; err == nil; line, err = l.next() {
			got, numbers, starts = append(got, string(line)), append(numbers, l.number), append(starts, l.start)
		}
		if !slices.Equal(got, c.want) || !slices.Equal(numbers, c.numbers) || !slices.Equal(starts, c.starts) || err != c.err {
			t.Errorf("%s: got %q at lines %v, bytes %v, then %v", c.reason, got, numbers, starts, err)
		}
	}
}

func TestLongLineTakesLittleMemory(t *testing.T) {
	const size, limit = 100 << 20, 1 << 20
	text := io.LimitReader(repeated('x'), size)
	l := lines{r: bufio.NewReaderSize(text, bufferSize), limit: limit}
	if _, err := l.next(); err != ErrLimit {
		t.Fatalf("a line of %d bytes: %v", size, err)
	}
	if cap(l.long) > 2*limit {
		t.Errorf("the buffer has grown to %d bytes for a limit of %d", cap(l.long), limit)
	}
}

// repeated is an endless text of one byte.
type repeated byte

func (r repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}
