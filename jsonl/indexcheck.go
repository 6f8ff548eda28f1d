package jsonl

import (
	"context"
	"fmt"
)

// Verify reads the whole file and the whole index, and returns [ErrIndex] unless the file has the
// digest that the index is bound to and every entry is that of its row. It takes as long as
// [BuildIndex].
func (x *Index) Verify(ctx context.Context) error {
	n := 0
	now, err := scanFile(ctx, x.path, x.config, func(found *Entry) error {
		if n == x.Len() {
			return x.stale("the file has more rows than its index")
		}
		want, err := x.Entry(n)
		if err == nil && *found != want {
			err = x.stale(fmt.Sprintf("row %d is not the row that was indexed", n))
		}
		n++
		return err
	})
	switch {
	case err != nil:
		return err
	case n != x.Len():
		return x.stale("the file has fewer rows than its index")
	case now.content != x.trailer.content:
		return x.stale("the content of the file changed after its index was built")
	}
	return nil
}

// contiguous reads the whole index. It returns an error unless the entries follow each other and
// nothing but blank lines lies before, between and after their rows, so that no row is left out.
func (x *Index) contiguous(ctx context.Context) error {
	page := make([]byte, pageSize)
	var last Entry // its end is the start of the file before the first row
	for i := range x.Len() {
		number, at := entryPlace(i)
		if at == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := x.page(number, page); err != nil {
				return err
			}
		}
		e := entryAt(page[at:])
		if err := x.check(e); err != nil {
			return err
		}
		if err := x.follows(last, e); err != nil {
			return err
		}
		last = e
	}
	return x.blank(last.Offset+int64(last.Length), x.trailer.size)
}

// follows returns an error unless only blank lines lie between two entries. last is zero for the
// first.
func (x *Index) follows(last, e Entry) error {
	end := last.Offset + int64(last.Length)
	if e.Line <= last.Line || e.Offset < end || e.Offset == end && last.Line > 0 {
		return x.incomplete()
	}
	return x.blank(end, e.Offset)
}

func (x *Index) incomplete() error { return x.stale("the index leaves out rows of the file") }

// blank returns an error unless the bytes [from, to) of the file are line ends and blank lines,
// with a byte order mark at the start of the file. Two bytes are too few for a row and are not
// read.
func (x *Index) blank(from, to int64) error {
	if to-from <= 2 {
		return nil
	}
	block := make([]byte, min(to-from, bufferSize))
	for from < to {
		part := block[:min(to-from, int64(len(block)))]
		if _, err := x.file.ReadAt(part, from); err != nil {
			return x.stale(err.Error())
		}
		if from == 0 {
			part = trimMark(part)
		}
		if !isBlank(part) {
			return x.incomplete()
		}
		from += int64(len(block))
	}
	return nil
}
