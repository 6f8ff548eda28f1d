package jsonl

import (
	"bytes"
	"errors"
	"testing"
)

// assemble returns an index with these entries and this start of the trailer, in pages with right
// checksums.
func assemble(entries, trailer []byte) []byte {
	var index []byte
	add := func(content []byte) {
		page := append(bytes.Clone(content), make([]byte, pageSize-len(content))...)
		sign(page, int64(len(index)/pageSize))
		index = append(index, page...)
	}
	for len(entries) > 0 {
		n := min(len(entries), pageEntries*entrySize)
		add(entries[:n])
		entries = entries[n:]
	}
	add(trailer[:min(len(trailer), pageSize-checksumSize)])
	return index
}

// FuzzIndex reads arbitrary bytes as a file, the entries of its index and its trailer. Every row
// must be the bytes that its entry names, with the IDs of the entry, and every failure an error.
func FuzzIndex(f *testing.F) {
	for _, text := range []string{twoRows, "\ufeff{\"text\":\"a\"}\r\n\n \n{\"prompt\":\"q\",\"completion\":\"b\"}", string(numberRows(pageEntries+1, messagesLayout))} {
		path := saved(f, text)
		if err := BuildIndex(f.Context(), path); err != nil {
			f.Fatal(err)
		}
		index := []byte(content(f, IndexPath(path)))
		var entries []byte
		for ; len(index) > pageSize; index = index[pageSize:] {
			entries = append(entries, index[:pageEntries*entrySize]...)
		}
		f.Add([]byte(text), bytes.TrimRight(entries, "\x00"), index[:trailerReading])
	}
	f.Fuzz(func(t *testing.T, text, entries, trailer []byte) {
		index := assemble(entries, trailer)
		c, err := configure([]Option{MaxLine(1 << 20)})
		if err != nil {
			t.Fatal(err)
		}
		x, err := newIndex("f", c, memory{bytes.NewReader(text)}, memory{bytes.NewReader(index)})
		if err != nil {
			if !errors.Is(err, ErrIndex) {
				t.Errorf("%v is not ErrIndex", err)
			}
			return
		}
		for i := range min(x.Len(), 200) {
			row, err := x.Row(i)
			if err != nil {
				if !errors.Is(err, ErrIndex) && !errors.Is(err, ErrLimit) {
					t.Errorf("row %d: %v is neither ErrIndex nor ErrLimit", i, err)
				}
				continue
			}
			e, err := x.Entry(i)
			if err != nil || row.Source != string(text[e.Offset:e.Offset+int64(e.Length)]) || row.ID() != e.RowID || row.PromptID() != e.GroupID {
				t.Errorf("row %d is %q, not that of its entry %+v (%v)", i, row.Source, e, err)
			}
		}
		if err := x.contiguous(t.Context()); err != nil && !errors.Is(err, ErrIndex) {
			t.Errorf("%v is not ErrIndex", err)
		}
	})
}

// FuzzBuildIndex builds the index of arbitrary bytes. It must have the rows that a reader of the
// whole file gets, and leave none out.
func FuzzBuildIndex(f *testing.F) {
	f.Add([]byte(twoRows))
	f.Add([]byte("\ufeff\n\r\n  {\"text\":\"a\"} \r\n\n{\"text\":\"b\"}"))
	f.Add(numberRows(pageEntries+1, messagesLayout))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := saved(t, string(text))
		rows, err := OpenIndexed(t.Context(), path)
		var want []Row
		var wantErr error
		r := NewReader(path, bytes.NewReader(text))
		for row, err := range r.Rows() {
			if err != nil {
				wantErr = err
				break
			}
			want = append(want, row)
		}
		if r.Compression() != "" {
			return
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("the index: %v; a reader: %v", err, wantErr)
		}
		if err != nil {
			return
		}
		defer rows.Close()
		if rows.Len() != len(want) {
			t.Fatalf("%d rows, want %d", rows.Len(), len(want))
		}
		for i, row := range want {
			if got := rows.Example(i); got.Source != row.Source || rows.RowID(i) != row.ID() {
				t.Errorf("row %d is %q, want %q", i, got.Source, row.Source)
			}
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
	})
}
