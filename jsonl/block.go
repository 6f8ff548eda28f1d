package jsonl

import (
	"io"
	"iter"
	"strings"
)

// blockSize is about how many bytes of lines a [Block] holds: enough that handing
// it to another goroutine costs little beside the reading of its rows.
const blockSize = 256 << 10

// Block is a run of lines of a file that were not read as rows yet. Blocks of
// one file may be read concurrently, so that all cores take part in reading it.
type Block struct {
	name   string // of the file, for errors
	config config
	text   string // the lines, without their ends and with nothing between them
	lines  []blockLine
}

type blockLine struct {
	end   int // in the block's text
	place place
}

// Blocks ranges over the lines that were not read yet, in order. Like
// [Reader.Rows] it ends after the first error that is about the file and not
// about one row, and a source without a row is an error.
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

// nextBlock keeps an error for the next call if lines came before it.
func (r *Reader) nextBlock() (*Block, error) {
	if r.err != nil {
		return nil, r.err
	}
	b := &Block{name: r.name, config: r.config}
	var text strings.Builder
	text.Grow(blockSize + 4<<10) // the last line may go beyond
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

// Name returns the name of the file, for errors.
func (b *Block) Name() string { return b.name }

// Len returns the number of lines, which is the number of rows if all can be read.
func (b *Block) Len() int { return len(b.lines) }

// Line returns line i of the block as it stands in the file, without its end, and its
// number in the file, from 1.
func (b *Block) Line(i int) (text string, number int) {
	start := 0
	if i > 0 {
		start = b.lines[i-1].end
	}
	return b.text[start:b.lines[i].end], b.lines[i].place.line
}

// Rows ranges over the rows of the block. The rows share the block's memory.
// Unlike [Reader.Rows] it goes on after a row that cannot be read: the caller
// decides whether its error is the end.
func (b *Block) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var d decoder
		start := 0
		for _, line := range b.lines {
			row, err := d.read(b.text[start:line.end], b.config.shape, line.place)
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
