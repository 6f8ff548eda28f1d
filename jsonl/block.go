package jsonl

import (
	"io"
	"iter"
	"strings"
)

// blockSize is the approximate number of bytes in a [Block]. Handing a block of this size to
// another goroutine costs little compared with reading its rows.
const blockSize = 256 << 10

// Block is a sequence of lines of a file that have not been parsed as rows. Blocks of one file may
// be read concurrently, so that a program can read it on all cores.
type Block struct {
	name   string // of the file, for errors
	config config
	text   string // the lines without line ends, concatenated
	lines  []blockLine
}

type blockLine struct {
	end   int // in the block's text
	place place
}

// Blocks ranges over the lines that have not been read yet, in order. It ends after the first error
// about the file; errors about single rows come from [Block.Rows]. A source without a row is an
// error.
func (r *Reader) Blocks() iter.Seq2[*Block, error] {
	return func(yield func(*Block, error) bool) {
		for {
			b, err := r.nextBlock()
			if err == io.EOF || !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// nextBlock returns an error in the next call if it has read lines before it.
func (r *Reader) nextBlock() (*Block, error) {
	if r.err != nil {
		return nil, r.err
	}
	b := &Block{name: r.name, config: r.config}
	var text strings.Builder
	text.Grow(blockSize + 4<<10) // the last line may exceed blockSize
	for text.Len() < blockSize {
		line, err := r.line()
		if err != nil {
			r.err = located(err, r.name)
			break
		}
		text.Write(line)
		b.lines = append(b.lines, blockLine{text.Len(), r.place()})
	}
	if len(b.lines) == 0 {
		return nil, r.err
	}
	b.text = text.String()
	return b, nil
}

// Name returns the name of the file.
func (b *Block) Name() string { return b.name }

// Len returns the number of lines. It is the number of rows if all lines can be read.
func (b *Block) Len() int { return len(b.lines) }

// Line returns line i of the block without its line end, and its number in the file, from 1.
func (b *Block) Line(i int) (text string, number int) {
	start := 0
	if i > 0 {
		start = b.lines[i-1].end
	}
	return b.text[start:b.lines[i].end], b.lines[i].place.line
}

// Row reads line i of the block as a row.
func (b *Block) Row(i int) (Row, error) {
	text, _ := b.Line(i)
	d := newDecoder(b.config)
	defer d.unread.flush()
	var row Row
	err := d.read(text, b.lines[i].place, &row)
	return row, located(err, b.name)
}

// Rows ranges over the rows of the block. The rows share the memory of the block. After the error
// of a row that cannot be read it continues with the next row, unlike [Reader.Rows].
func (b *Block) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		d := newDecoder(b.config)
		defer d.unread.flush()
		start := 0
		for _, line := range b.lines {
			var row Row
			err := d.read(b.text[start:line.end], line.place, &row)
			if err != nil {
				err = located(err, b.name)
			}
			if !yield(row, err) {
				return
			}
			start = line.end
		}
	}
}
