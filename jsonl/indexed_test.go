package jsonl

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
)

// openedRows opens the rows of a file, whose index it builds.
func openedRows(t testing.TB, path string) *Indexed {
	t.Helper()
	rows, err := OpenIndexed(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	return rows
}

// sameText checks that two data sets are equal in everything that the interfaces show.
func sameText(t *testing.T, got, want undertone.Text) {
	t.Helper()
	if got.Name() != want.Name() || got.Len() != want.Len() || got.Digest() != want.Digest() {
		t.Fatalf("%s, %d rows, %s; want %s, %d, %s", got.Name(), got.Len(), got.Digest(), want.Name(), want.Len(), want.Digest())
	}
	for i := range want.Len() {
		if got.RowID(i) != want.RowID(i) || got.GroupID(i) != want.GroupID(i) || !reflect.DeepEqual(got.Example(i), want.Example(i)) {
			t.Errorf("row %d is %v, want %v", i, got.Example(i), want.Example(i))
		}
	}
}

func TestIndexedIsTheDatasetOfTheFile(t *testing.T) {
	path := saved(t, content(t, "testdata/accept.jsonl")+string(numberRows(300, messagesLayout)))
	want, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := openedRows(t, path)
	sameText(t, rows, want)
	for _, picked := range [][]int{{}, {3}, {2, 0, 1, 2}, {want.Len() - 1, 5}} {
		some, wanted := rows.Select(picked).(*Indexed), want.Select(picked).(undertone.Text)
		sameText(t, some, wanted)
		again := make([]int, len(picked))
		for i := range again {
			again[i] = len(picked) - 1 - i
		}
		sameText(t, some.Select(again).(undertone.Text), wanted.Select(again).(undertone.Text))
	}
	collected, err := undertone.Collect(path, rows.Select([]int{4, 1}).(*Indexed).Stream())
	if err != nil {
		t.Fatal(err)
	}
	sameText(t, collected, want.Select([]int{4, 1}).(undertone.Text))
	if err := rows.Err(); err != nil {
		t.Errorf("Err: %v", err)
	}
	// The second time the index is there.
	before, err := os.Stat(IndexPath(path))
	if err != nil {
		t.Fatal(err)
	}
	sameText(t, openedRows(t, path), want)
	if after, err := os.Stat(IndexPath(path)); err != nil || !os.SameFile(before, after) {
		t.Errorf("the index was built again (%v)", err)
	}
}

func TestIndexedIsSafeForConcurrentUse(t *testing.T) {
	path := saved(t, string(numberRows(500, messagesLayout)))
	rows := openedRows(t, path)
	want := rows.Example(7)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range rows.Len() {
				if rows.Example(i).ID() != rows.RowID(i) {
					t.Errorf("row %d is another", i)
				}
				rows.Digest()
			}
		})
	}
	wg.Wait()
	if got := rows.Example(7); !reflect.DeepEqual(got, want) {
		t.Errorf("row 7 became %v", got)
	}
}

func TestRowsOutOfRangePanic(t *testing.T) {
	rows := openedRows(t, saved(t, twoRows))
	for name, call := range map[string]func(){
		"Example": func() { rows.Example(2) },
		"RowID":   func() { rows.RowID(-1) },
		"Select":  func() { rows.Select([]int{0, 2}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of a row that does not exist does not panic", name)
				}
			}()
			call()
		}()
	}
}

// A failed read gives the zero Example and stays an error for all selections of the file.
func TestIndexedOfAFileThatChanges(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a mapped file cannot be changed on Windows")
	}
	path := saved(t, string(numberRows(100, messagesLayout)))
	rows := openedRows(t, path)
	some := rows.Select([]int{5, 6}).(*Indexed)
	if undertone.ReadErr(rows, some) != nil || len(some.Example(0).Messages) == 0 {
		t.Fatal("rows cannot be read", rows.Err())
	}
	truncate(100)(t, path)
	if row := some.Example(1); row.Messages != nil {
		t.Errorf("a row of the truncated file is %v", row)
	}
	for _, d := range []*Indexed{some, rows, rows.Select([]int{1}).(*Indexed)} {
		if err := undertone.ReadErr(d); !errors.Is(err, ErrIndex) {
			t.Errorf("Err: %v", err)
		}
	}
	if _, err := undertone.Collect("", rows.Stream()); !errors.Is(err, ErrIndex) {
		t.Errorf("Stream: %v", err)
	}
}

// Err finds a change even if no read has met it.
func TestErrComparesTheFiles(t *testing.T) {
	for _, changed := range []func(path string) string{func(path string) string { return path }, IndexPath} {
		path := saved(t, twoRows)
		rows := openedRows(t, path)
		rows.Example(0)
		overwrite("short")(t, changed(path))
		if err := rows.Err(); !errors.Is(err, ErrIndex) {
			t.Errorf("%s changed: Err is %v", changed(path), err)
		}
	}
}

func TestDigestRows(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 1000} {
		ids := make([]undertone.Digest, n)
		for i := range ids {
			ids[i] = undertone.NewHasher("test").Uint(uint64(i / 2)).Sum() // each twice
		}
		got := digestRows(n, func(i int) undertone.Digest { return ids[i] }, 100)
		if want := undertone.DigestRows(slices.Clone(ids)); got != want {
			t.Errorf("%d rows: %s, want %s", n, got, want)
		}
	}
}

// An index that leaves out rows is refused, although each of its entries is right.
func TestIndexedRefusesAnIndexThatLeavesOutRows(t *testing.T) {
	const text = "\ufeff\n{\"text\":\"a\"}\n\n   \r\n{\"text\":\"b\"}\r\n{\"text\":\"c\"}\n\n"
	path := saved(t, text)
	whole := opened(t, path)
	var all []Entry
	for i := range whole.Len() {
		e, err := whole.Entry(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	shifted := all[1]
	shifted.Line = 1
	for _, c := range []struct {
		reason  string
		entries []Entry
		ok      bool
	}{
		{"all rows", all, true},
		{"without the first", all[1:], false},
		{"without one in the middle", []Entry{all[0], all[2]}, false},
		{"without the last", all[:2], false},
		{"a row twice", []Entry{all[0], all[1], all[1], all[2]}, false},
		{"another order", []Entry{all[1], all[0], all[2]}, false},
		{"another line number", []Entry{all[0], shifted, all[2]}, false},
	} {
		var index bytes.Buffer
		w := indexWriter{w: &index}
		for _, e := range c.entries {
			if err := w.add(&e); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.finish(whole.trailer); err != nil {
			t.Fatal(err)
		}
		x, err := newIndex(path, whole.config, whole.file, memory{bytes.NewReader(index.Bytes())})
		if err != nil {
			t.Fatal(c.reason, err)
		}
		err = x.contiguous(t.Context())
		if (err == nil) != c.ok || err != nil && (!errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), "the index leaves out rows of the file")) {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

// Rows that are read through a mapping can be larger than memory: what a data set of them holds
// does not grow with the file.
func TestIndexedHoldsNoRows(t *testing.T) {
	held := func(rows int) uint64 {
		path := saved(t, string(numberRows(rows, messagesLayout)))
		data := openedRows(t, path)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		other := openedRows(t, path)
		for i := range other.Len() {
			other.Example(i)
			other.RowID(i)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(data)
		runtime.KeepAlive(other)
		return after.HeapAlloc - min(after.HeapAlloc, before.HeapAlloc)
	}
	if large := held(20_000); large > 256<<10 { // the file has 4 MB
		t.Errorf("a data set of 20,000 rows holds %d bytes", large)
	}
}
