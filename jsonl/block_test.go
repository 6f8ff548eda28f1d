package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/undertone-audit/undertone"
)

// byRows reads text row by row, byBlocks by blocks up to the first error. Each
// returns the rows and the error as text.
func byRows(r *Reader) []string {
	var all []string
	for row, err := range r.Rows() {
		all = append(all, printed(row, err))
	}
	return all
}

func byBlocks(r *Reader) []string {
	var all []string
	for b, err := range r.Blocks() {
		if err != nil {
			return append(all, printed(Row{}, err))
		}
		for row, err := range b.Rows() {
			all = append(all, printed(row, err))
			if err != nil {
				return all
			}
		}
	}
	return all
}

func printed(row Row, err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return fmt.Sprintf("%+v", *e)
	}
	return fmt.Sprintf("%+v %v", row, err)
}

// FuzzBlocks: rows do not depend on whether they are read in blocks.
func FuzzBlocks(f *testing.F) {
	f.Add([]byte("\ufeff{\"text\": \"a\"}\r\n\n {\"text\":\"b\"} \n{\"text\":\"\\n\"}"))
	f.Add([]byte("{\"text\":\"a\"}\n{\"text\":\"a"))
	f.Add([]byte("{\"text\":\"a\"}\n{}\n{\"text\":\"b\"}\n"))
	f.Add([]byte(" \n\n"))
	f.Add([]byte("{\"text\":\"a\"}\n" + strings.Repeat("x", 300)))
	f.Add(numberRows(3000, metaLayout)) // several blocks
	f.Add(zstandard(f, numberRows(300, messagesLayout))[:500])
	f.Fuzz(func(t *testing.T, data []byte) {
		opts := []Option{MaxLine(200)}
		want := byRows(NewReader("f", bytes.NewReader(data), opts...))
		if got := byBlocks(NewReader("f", bytes.NewReader(data), opts...)); !slices.Equal(got, want) {
			t.Errorf("in blocks\n%q\nby itself\n%q", got, want)
		}
	})
}

func TestBlockGoesOnAfterABadRow(t *testing.T) {
	for b, err := range NewReader("f", strings.NewReader("{\"text\":\"a\"}\n\n{}\n{\"text\":\"c\"}\n")).Blocks() {
		if err != nil || b.Len() != 3 {
			t.Fatal(b.Len(), err)
		}
		var got []string
		for row, err := range b.Rows() {
			got = append(got, fmt.Sprintf("%d%s %v", row.Line, row.Completion(), err != nil))
		}
		if want := []string{"1a false", "0 true", "4c false"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A source that fails gives the lines before the failure first.
func TestBlocksOfABrokenSource(t *testing.T) {
	broken := errors.New("broken")
	source := func() io.Reader {
		return io.MultiReader(strings.NewReader("{\"text\":\"a\"}\n{\"te"), iotest.ErrReader(broken))
	}
	r := NewReader("f", source())
	got := byBlocks(r)
	if want := byRows(NewReader("f", source())); len(got) != 2 || !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, err := range r.Blocks() { // again: an error is the end
		if !errors.Is(err, broken) {
			t.Error(err)
		}
	}
}

func TestBlocksAreReadConcurrently(t *testing.T) {
	const rows = 5000
	var blocks []*Block
	for b, err := range NewReader("f", bytes.NewReader(numberRows(rows, messagesLayout))).Blocks() {
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
	if len(blocks) < 2 {
		t.Fatalf("%d blocks: the test needs more rows", len(blocks))
	}
	ids := make([][]undertone.Digest, len(blocks))
	var wait sync.WaitGroup
	for i, b := range blocks {
		wait.Go(func() {
			for row := range b.Rows() {
				ids[i] = append(ids[i], row.ID())
			}
		})
	}
	wait.Wait()
	i := 0
	got := slices.Concat(ids...)
	for row := range NewReader("f", bytes.NewReader(numberRows(rows, messagesLayout))).Rows() {
		if i >= len(got) || got[i] != row.ID() {
			t.Fatalf("row %d differs", i)
		}
		i++
	}
	if i != rows || len(got) != rows {
		t.Errorf("%d rows by themselves, %d in blocks, want %d", i, len(got), rows)
	}
}

// Lines of a block are those of the file, whether or not they can be read.
func TestBlockLine(t *testing.T) {
	for b, err := range NewReader("f", strings.NewReader("{\"text\":\"a\"}\r\n\n[]\n")).Blocks() {
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			text   string
			number int
		}{{`{"text":"a"}`, 1}, {"[]", 3}} {
			if text, number := b.Line(i); text != want.text || number != want.number {
				t.Errorf("line %d is %q, number %d, want %q, %d", i, text, number, want.text, want.number)
			}
		}
	}
}
