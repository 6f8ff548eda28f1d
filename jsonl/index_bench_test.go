package jsonl

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/undertone-audit/undertone"
)

// onDisk is a file that is read with system calls, for comparison with a mapping.
type onDisk struct {
	*os.File
	unchanged func() error
}

func (d onDisk) Size() int64      { info, _ := d.Stat(); return info.Size() }
func (d onDisk) Unchanged() error { return d.unchanged() }

func BenchmarkIndex(b *testing.B) {
	const rows = 200_000
	path := saved(b, string(numberRows(rows, messagesLayout)))
	b.Run("build", func(b *testing.B) {
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(info.Size())
		for b.Loop() {
			if err := BuildIndex(b.Context(), path); err != nil {
				b.Fatal(err)
			}
		}
	})
	data := openedRows(b, path)
	mapped := data.index
	open := func(path string, unchanged func() error) randomAccess {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { f.Close() })
		return onDisk{f, unchanged}
	}
	read, err := newIndex(path, mapped.config, open(path, mapped.file.Unchanged), open(IndexPath(path), mapped.index.Unchanged))
	if err != nil {
		b.Fatal(err)
	}
	for _, way := range []struct {
		name string
		x    *Index
	}{{"mapped", mapped}, {"read", read}} {
		rng := rand.New(rand.NewPCG(1, 2))
		b.Run("row/"+way.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := way.x.Row(rng.IntN(rows)); err != nil {
					b.Fatal(err)
				}
			}
		})
		some := selection(&indexedFile{name: path, index: way.x}, nil)
		b.Run("id/"+way.name, func(b *testing.B) {
			var id undertone.Digest
			for b.Loop() {
				id = some.RowID(rng.IntN(rows))
			}
			_ = id
		})
	}
}
