package main

import (
	"fmt"
	"iter"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

// blockFilter makes the batches of [filter.Each] from blocks of a file.
type blockFilter struct {
	filters []filter.Filter
	rejects bool // dropped rows are written
	skip    bool // rows that cannot be read are counted instead of ending the run

	origins *[]*origin // of the files that were opened so far; nil if there is no manifest
	ordered bool       // rows are judged when all rows of the block were read

	identifyKept, identifyDropped bool // whether the IDs of these rows are wanted

	free sync.Pool // of *filteredBlock, for their memory
}

// filteredBlock is a block and the lines to write for it. It implements [filter.Batch].
type filteredBlock struct {
	*blockFilter
	block *jsonl.Block

	kept, dropped blockRows
	input         int                // index of the file
	ids           []undertone.Digest // of all rows, if the filter is ordered
	read          int                // rows that were judged
	unread        []error            // of rows that were skipped
	err           error              // a rejected row could not be written
}

// blockRows are rows of a block for one output.
type blockRows struct {
	text []byte
	ids  []undertone.Digest // of the rows, if they are wanted
}

// reused returns the memory of rows that were written.
func (r blockRows) reused() blockRows { return blockRows{r.text[:0], r.ids[:0]} }

// batches ranges over the blocks.
func (f *blockFilter) batches(blocks iter.Seq2[*jsonl.Block, error]) iter.Seq2[*filteredBlock, error] {
	return func(yield func(*filteredBlock, error) bool) {
		for block, err := range blocks {
			b := &filteredBlock{blockFilter: f, block: block}
			if used, ok := f.free.Get().(*filteredBlock); ok {
				b.kept, b.dropped, b.ids = used.kept.reused(), used.dropped.reused(), used.ids[:0]
			}
			if f.origins != nil {
				b.input = len(*f.origins) - 1
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// release makes the memory of a block that was written available to another block.
func (f *blockFilter) release(b *filteredBlock) { f.free.Put(b) }

// Rows implements [filter.Batch].
func (b *filteredBlock) Rows() iter.Seq2[undertone.Example, error] {
	return func(yield func(undertone.Example, error) bool) {
		for row, err := range b.block.Rows() {
			if err != nil && b.skip {
				b.unread = append(b.unread, err)
				continue
			}
			if b.origins != nil && b.ordered && err == nil { // here, where all cores work
				b.ids = append(b.ids, row.ID())
			}
			if !yield(row.Example, err) || err != nil {
				return
			}
		}
	}
}

// Filtered implements [filter.Batch].
func (b *filteredBlock) Filtered(row undertone.Example, reasons [][]filter.Reason, keep bool) {
	b.read++
	if keep {
		b.kept.text = append(append(b.kept.text, row.Source...), '\n')
		if b.identifyKept {
			b.kept.ids = append(b.kept.ids, b.id(row))
		}
		return
	}
	if !b.rejects {
		return
	}
	if b.identifyDropped {
		b.dropped.ids = append(b.dropped.ids, b.id(row))
	}
	_, noted := row.Meta[noteField]
	dropped, err := appendNoted(b.dropped.text, row.Source, noted, b.filters, reasons)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("%s: row %s: cannot add the reasons to the row: %w", b.block.Name(), row.ID().Short(), err)
	}
	b.dropped.text = append(dropped, '\n')
}

// id returns the ID of the row that is judged.
func (b *filteredBlock) id(row undertone.Example) undertone.Digest {
	if b.ordered {
		return b.ids[b.read-1]
	}
	return row.ID()
}
