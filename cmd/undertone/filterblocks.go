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

	origins *[]*origin // of the files that were opened so far; nil if the IDs of the kept rows are not wanted
	ordered bool       // rows are judged when all rows of the block were read

	free sync.Pool // of *filteredBlock, for their memory
}

// filteredBlock is a block and the lines to write for it. It implements [filter.Batch].
type filteredBlock struct {
	*blockFilter
	block *jsonl.Block

	kept, dropped []byte
	input         int                // index of the file
	ids, keptIDs  []undertone.Digest // of all rows, if the filter is ordered, and of the kept rows
	read          int                // rows that were judged
	unread        []error            // of rows that were skipped
	err           error              // a rejected row could not be written
}

// batches ranges over the blocks.
func (f *blockFilter) batches(blocks iter.Seq2[*jsonl.Block, error]) iter.Seq2[*filteredBlock, error] {
	return func(yield func(*filteredBlock, error) bool) {
		for block, err := range blocks {
			b := &filteredBlock{blockFilter: f, block: block}
			if used, ok := f.free.Get().(*filteredBlock); ok {
				b.kept, b.dropped = used.kept[:0], used.dropped[:0]
				b.ids, b.keptIDs = used.ids[:0], used.keptIDs[:0]
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
		b.kept = append(append(b.kept, row.Source...), '\n')
		switch {
		case b.origins == nil:
		case b.ordered:
			b.keptIDs = append(b.keptIDs, b.ids[b.read-1])
		default:
			b.keptIDs = append(b.keptIDs, row.ID())
		}
		return
	}
	if !b.rejects {
		return
	}
	_, noted := row.Meta[noteField]
	dropped, err := appendNoted(b.dropped, row.Source, noted, b.filters, reasons)
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("%s: row %s: cannot add the reasons to the row: %w", b.block.Name(), row.ID().Short(), err)
	}
	b.dropped = append(dropped, '\n')
}
