package jsonl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"time"

	"github.com/undertone-audit/undertone"
)

// An index consists of pages of pageSize bytes. Every page but the last holds pageEntries entries;
// the rest of the page before the last is zero. The last page is the trailer. Each page ends with
// the CRC-32C of its number and its other bytes. Numbers are little-endian. docs/rows.md has the
// layout.
const (
	pageSize     = 4096
	entrySize    = 84
	pageEntries  = (pageSize - checksumSize) / entrySize
	checksumSize = 4

	indexMagic   = "undertone-index\n"
	indexVersion = 1 // raised when the layout, the reading of rows or their IDs change
	maxReading   = 256
)

// Positions in an entry and in the trailer.
const (
	entryOffset, entryLine, entryLength, entryRow, entryGroup = 0, 8, 16, 20, 52

	trailerVersion, trailerReadingLength, trailerRows, trailerSize = 16, 20, 24, 32
	trailerSeconds, trailerNanoseconds, trailerContent             = 40, 48, 56
	trailerReading                                                 = 88
)

// Entry is the position and the identity of one row of an indexed file.
type Entry struct {
	Offset  int64            // of the line in the file, in bytes
	Length  int              // of the line without its end, in bytes
	Line    int              // number of the line, from 1
	RowID   undertone.Digest // see [undertone.Example.ID]
	GroupID undertone.Digest // see [undertone.Example.PromptID]
}

func (e *Entry) put(b []byte) {
	binary.LittleEndian.PutUint64(b[entryOffset:], uint64(e.Offset))
	binary.LittleEndian.PutUint64(b[entryLine:], uint64(e.Line))
	binary.LittleEndian.PutUint32(b[entryLength:], uint32(e.Length))
	copy(b[entryRow:], e.RowID[:])
	copy(b[entryGroup:], e.GroupID[:])
}

// entryAt reads an entry. Its numbers may be any: [Entry.within] checks them.
func entryAt(b []byte) (e Entry) {
	e.Offset = int64(binary.LittleEndian.Uint64(b[entryOffset:]))
	e.Line = int(int64(binary.LittleEndian.Uint64(b[entryLine:])))
	e.Length = int(int64(binary.LittleEndian.Uint32(b[entryLength:])))
	copy(e.RowID[:], b[entryRow:])
	copy(e.GroupID[:], b[entryGroup:])
	return e
}

// within reports whether the entry is the position of a line in a file of this size.
func (e *Entry) within(size int64) bool {
	return 0 <= e.Offset && 0 < e.Length && int64(e.Length) <= size && e.Offset <= size-int64(e.Length) && e.Line > 0
}

// trailer says what an index was built from.
type trailer struct {
	rows    int64
	size    int64     // of the file, in bytes
	time    time.Time // of the last modification of the file
	content undertone.Digest
	reading string // see [config.reading]
}

func (t *trailer) page(number int64) []byte {
	b := make([]byte, pageSize)
	copy(b, indexMagic)
	binary.LittleEndian.PutUint32(b[trailerVersion:], indexVersion)
	binary.LittleEndian.PutUint32(b[trailerReadingLength:], uint32(len(t.reading)))
	binary.LittleEndian.PutUint64(b[trailerRows:], uint64(t.rows))
	binary.LittleEndian.PutUint64(b[trailerSize:], uint64(t.size))
	binary.LittleEndian.PutUint64(b[trailerSeconds:], uint64(t.time.Unix()))
	binary.LittleEndian.PutUint32(b[trailerNanoseconds:], uint32(t.time.Nanosecond()))
	copy(b[trailerContent:], t.content[:])
	copy(b[trailerReading:], t.reading)
	sign(b, number)
	return b
}

var (
	errDamaged = errors.New("the index is damaged")
	errVersion = errors.New("the index is of another version of undertone")
)

// readTrailer reads the last page of an index of size bytes and checks that the index has as many
// pages as it has rows.
func readTrailer(r io.ReaderAt, size int64) (t trailer, err error) {
	if size < 2*pageSize || size%pageSize != 0 {
		return t, errDamaged
	}
	number := size/pageSize - 1
	b := make([]byte, pageSize)
	if _, err := r.ReadAt(b, number*pageSize); err != nil {
		return t, err
	}
	if !signed(b, number) || string(b[:len(indexMagic)]) != indexMagic {
		return t, errDamaged
	}
	if v := binary.LittleEndian.Uint32(b[trailerVersion:]); v != indexVersion {
		return t, fmt.Errorf("%w: it has the version %d, want %d", errVersion, v, indexVersion)
	}
	rows, length := binary.LittleEndian.Uint64(b[trailerRows:]), binary.LittleEndian.Uint32(b[trailerReadingLength:])
	nanoseconds := binary.LittleEndian.Uint32(b[trailerNanoseconds:])
	switch {
	case length > maxReading || nanoseconds >= 1e9:
		return t, errDamaged
	case rows == 0 || rows > math.MaxInt || pagesOf(rows) != uint64(number):
		return t, errDamaged
	}
	t.rows = int64(rows)
	t.size = int64(binary.LittleEndian.Uint64(b[trailerSize:]))
	t.time = time.Unix(int64(binary.LittleEndian.Uint64(b[trailerSeconds:])), int64(nanoseconds))
	copy(t.content[:], b[trailerContent:])
	t.reading = string(b[trailerReading : trailerReading+length])
	return t, nil
}

// pagesOf returns the number of pages of this many entries.
func pagesOf(rows uint64) uint64 { return (rows-1)/pageEntries + 1 }

// place returns the page of entry i and the position in it.
func entryPlace(i int) (page int64, at int) {
	return int64(i / pageEntries), i % pageEntries * entrySize
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(page []byte, number int64) uint32 {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(number))
	return crc32.Update(crc32.Checksum(n[:], castagnoli), castagnoli, page[:pageSize-checksumSize])
}

// sign writes the checksum of a page.
func sign(page []byte, number int64) {
	binary.LittleEndian.PutUint32(page[pageSize-checksumSize:], checksum(page, number))
}

// signed reports whether the checksum of a page is right.
func signed(page []byte, number int64) bool {
	return binary.LittleEndian.Uint32(page[pageSize-checksumSize:]) == checksum(page, number)
}

// indexWriter writes the pages of an index in order.
type indexWriter struct {
	w      io.Writer
	page   [pageSize]byte
	number int64 // of the page
	used   int   // entries of the page
	rows   int64
}

func (w *indexWriter) add(e *Entry) error {
	e.put(w.page[w.used*entrySize:])
	w.rows++
	if w.used++; w.used < pageEntries {
		return nil
	}
	return w.flush()
}

func (w *indexWriter) flush() error {
	sign(w.page[:], w.number)
	_, err := w.w.Write(w.page[:])
	w.page, w.used = [pageSize]byte{}, 0
	w.number++
	return err
}

// finish writes the last entries and the trailer, which gets the number of rows.
func (w *indexWriter) finish(t trailer) error {
	if w.used > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	t.rows = w.rows
	_, err := w.w.Write(t.page(w.number))
	return err
}
