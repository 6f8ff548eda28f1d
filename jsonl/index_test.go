package jsonl

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
)

// saved writes a file of rows in a folder of its own and returns its path.
func saved(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// opened builds and opens the index of a file.
func opened(t testing.TB, path string, opts ...Option) *Index {
	t.Helper()
	if err := BuildIndex(t.Context(), path, opts...); err != nil {
		t.Fatal(err)
	}
	x, err := OpenIndex(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// Each row of the index is the row that a reader of the whole file gets.
func TestIndexHasTheRowsOfTheFile(t *testing.T) {
	accept := content(t, "testdata/accept.jsonl")
	for reason, c := range map[string]struct {
		text string
		opts []Option
	}{
		"every shape":                {accept, nil},
		"one row without a line end": {`{"text":"a"}`, nil},
		"carriage returns":           {strings.ReplaceAll(accept, "\n", "\r\n"), nil},
		"a byte order mark":          {"\ufeff" + accept, nil},
		"blank lines":                {"\n \r\n" + strings.ReplaceAll(accept, "\n", "\n\n\t\n") + strings.Repeat(" ", 3*bufferSize) + "\n", nil},
		"spaces around a row":        {"  {\"text\":\"a\"} \n\t{\"text\":\"b\"}", nil},
		"several pages":              {string(numberRows(3*pageEntries, messagesLayout)), nil},
		"one entry more than a page": {string(numberRows(pageEntries+1, messagesLayout)), nil},
		"one page":                   {string(numberRows(pageEntries, messagesLayout)), nil},
		"several blocks":             {string(numberRows(3000, messagesLayout)), nil},
		"a shape":                    {`{"text":"a","prompt":"q","completion":"b"}`, []Option{As(Text)}},
	} {
		path := saved(t, c.text)
		x := opened(t, path, c.opts...)
		n := 0
		for want, err := range NewReader(path, strings.NewReader(c.text), c.opts...).Rows() {
			if err != nil {
				t.Fatal(reason, err)
			}
			got, err := x.Row(n)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: row %d is %+v, %v; want %+v", reason, n, got, err, want)
			}
			e, err := x.Entry(n)
			if line := c.text[e.Offset : e.Offset+int64(e.Length)]; err != nil || line != want.Source || e.Line != want.Line || e.RowID != want.ID() || e.GroupID != want.PromptID() {
				t.Errorf("%s: entry %d is %+v, the line %q, %v; want %+v", reason, n, e, line, err, want)
			}
			n++
		}
		if x.Len() != n {
			t.Errorf("%s: %d rows, want %d", reason, x.Len(), n)
		}
		if got := x.Content(); got != sha256.Sum256([]byte(c.text)) {
			t.Errorf("%s: content digest %s", reason, got)
		}
		if err := x.Verify(t.Context()); err != nil {
			t.Errorf("%s: Verify: %v", reason, err)
		}
		for _, i := range []int{-1, n, math.MaxInt} {
			if _, err := x.Row(i); err == nil || !strings.Contains(err.Error(), "is out of range [0, ") {
				t.Errorf("%s: row %d: %v", reason, i, err)
			}
		}
	}
}

// The bytes of an index change with its layout, with the reading of rows, and with their IDs. Each
// needs another indexVersion, because an index that was built before does not fit any more.
func TestIndexVersion(t *testing.T) {
	path := saved(t, content(t, "testdata/accept.jsonl"))
	if err := os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000, 123_456_789)); err != nil {
		t.Fatal(err)
	}
	if err := BuildIndex(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	index := content(t, IndexPath(path))
	const version, want = 1, "69554c6cc4e9848622df8d5b349397527b5ea097b39b2c034d3c6d9c546276dd"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(index))); indexVersion != version || got != want {
		t.Errorf("version %d has the index %s, want %d, %s: raise indexVersion and update this test", indexVersion, got, version, want)
	}
}

func TestBuildIndexErrors(t *testing.T) {
	rows := numberRows(2000, messagesLayout)
	for _, c := range []struct {
		reason, text, want string
		is                 error
		opts               []Option
	}{
		{"gzip", string(gzipped(t, rows)), ": is compressed with gzip and cannot be read at random; decompress it, or read it as a stream", ErrSequential, nil},
		{"zstd", string(zstandard(t, rows)), ": is compressed with zstd and cannot be read at random; decompress it, or read it as a stream", ErrSequential, nil},
		{"no rows", "\n", ": there are no rows; check the program that writes them", ErrEmpty, nil},
		{"a bad row", "{\"text\":\"a\"}\n{", ":2:2: the line ends before a field name in double quotes; the file seems to be truncated; fetch or write it again", nil, nil},
		{"tokens, which have no row ID", `{"input_ids":[1,2]}`, ":1: the row holds token IDs, which have no text; ", ErrShape, []Option{Tokenised()}},
		{"a shape that is unknown", "", `shape "x" is unknown; ` + knownShapes, ErrShape, []Option{As("x")}},
	} {
		path := saved(t, c.text)
		err := BuildIndex(t.Context(), path, c.opts...)
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), path), c.want) || c.is != nil && !errors.Is(err, c.is) || !errors.As(err, new(*Error)) {
			t.Errorf("%s: %v, want %s", c.reason, err, c.want)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("%s: the folder has %d files, want 1", c.reason, len(entries))
		}
	}
	if err := BuildIndex(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := BuildIndex(t.Context(), t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), ": is a directory; name one file in it") {
		t.Errorf("a folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := BuildIndex(ctx, saved(t, string(rows))); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled build: %v", err)
	}
}

const twoRows = "{\"text\":\"first\"}\n{\"text\":\"second\"}\n"

// change describes how a file or its index no longer fits.
type change struct {
	reason string
	do     func(t *testing.T, path string)
	want   string // in the error
}

func overwrite(text string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// keepTime does something to a file and restores its modification time.
func keepTime(do func(*testing.T, string)) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		do(t, path)
		if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
}

func truncate(size int64) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that changed after its index was built is refused, when it is opened or when a row is
// read.
func TestOpenIndexOfAChangedFile(t *testing.T) {
	later := time.Unix(2_000_000_000, 0)
	for _, c := range []change{
		{"appended", overwrite(twoRows + "{\"text\":\"third\"}\n"), "the file has 52 bytes, 35 when its index was built; if the file is right, delete "},
		{"truncated", truncate(20), "the file has 20 bytes, 35 when its index was built; "},
		{"emptied", truncate(0), "the file has 0 bytes, 35 when its index was built; "},
		{"modified", func(t *testing.T, path string) {
			if err := os.Chtimes(path, time.Time{}, later); err != nil {
				t.Fatal(err)
			}
		}, "the file was modified after its index was built; "},
	} {
		path := saved(t, twoRows)
		if err := BuildIndex(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		c.do(t, path)
		if x, err := OpenIndex(path); !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %q", c.reason, x, err, c.want)
		}
	}
	// The same size and the same time: the row says that it is another.
	for _, c := range []change{
		{"another row", keepTime(overwrite(strings.Replace(twoRows, "first", "other", 1))), "row 0 is not the row that was indexed: it has the ID "},
		{"no row", keepTime(overwrite(strings.Replace(twoRows, "{", "[", 1))), "row 0 is not the row that was indexed: line 1:1: "},
		{"zeros", keepTime(overwrite(string(make([]byte, len(twoRows))))), "row 0 is not the row that was indexed: line 1:1: 16 NUL bytes"},
	} {
		path := saved(t, twoRows)
		if err := BuildIndex(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		c.do(t, path)
		x, err := OpenIndex(path)
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		if _, err := x.Row(0); !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.reason, err, c.want)
		}
		if err := x.Verify(t.Context()); err == nil {
			t.Errorf("%s: Verify finds no difference", c.reason)
		}
	}
}

// A file that changes while its index is open gives an error with the next read, and no crash.
func TestFileThatChangesUnderAnOpenIndex(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a mapped file cannot be changed on Windows")
	}
	long := twoRows + string(numberRows(2000, messagesLayout))
	for _, c := range []change{
		{"truncated", truncate(20), "the file changed while it was read: it has 20 bytes, "},
		{"emptied", truncate(0), "the file changed while it was read: it has 0 bytes, "},
		{"appended", overwrite(long + twoRows), "the file changed while it was read: it has "},
		{"removed", func(t *testing.T, path string) { t.Helper(); _ = os.Remove(path) }, "the file changed while it was read: it was removed"},
		{"replaced", func(t *testing.T, path string) {
			overwrite(long)(t, path+".new")
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}, "the file changed while it was read: it was replaced"},
	} {
		path := saved(t, long)
		x := opened(t, path)
		if _, err := x.Row(2001); err != nil {
			t.Fatal(err)
		}
		c.do(t, path)
		for _, i := range []int{0, 1, 1000, 2001} {
			if row, err := x.Example(i); !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), c.want) || row.Messages != nil {
				t.Errorf("%s: row %d: %v, %v, want %q", c.reason, i, row, err, c.want)
			}
		}
	}
	path := saved(t, long)
	x := opened(t, path)
	truncate(pageSize)(t, IndexPath(path))
	if _, err := x.Row(1000); !errors.Is(err, ErrIndex) {
		t.Errorf("a truncated index: %v", err)
	}
}

func TestDamagedIndex(t *testing.T) {
	path := saved(t, string(numberRows(pageEntries+2, messagesLayout)))
	whole := opened(t, path)
	index := []byte(content(t, IndexPath(path)))
	var want []Row
	for i := range whole.Len() {
		row, err := whole.Row(i)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, row)
	}
	// readAll returns an error if the index is refused, and fails if it gives another row.
	readAll := func(index []byte) error {
		x, err := newIndex(path, whole.config, whole.file, memory{bytes.NewReader(index)})
		if err != nil {
			return err
		}
		for i := range x.Len() {
			row, err := x.Row(i)
			if err != nil {
				return err
			}
			if !reflect.DeepEqual(row, want[i]) {
				t.Errorf("row %d is another", i)
			}
		}
		return nil
	}
	if err := readAll(index); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(index); at += 61 {
		flipped := bytes.Clone(index)
		flipped[at] ^= 0x20
		if err := readAll(flipped); !errors.Is(err, ErrIndex) {
			t.Errorf("byte %d is flipped: %v", at, err)
		}
	}
	for _, size := range []int{0, 1, pageSize, 2 * pageSize, len(index) - 1, len(index) + 1, len(index) + pageSize} {
		if err := readAll(append(bytes.Clone(index), make([]byte, pageSize)...)[:size]); !errors.Is(err, ErrIndex) {
			t.Errorf("%d of %d bytes: %v", size, len(index), err)
		}
	}
	swapped := slices.Concat(index[pageSize:2*pageSize], index[:pageSize], index[2*pageSize:])
	if err := readAll(swapped); !errors.Is(err, ErrIndex) {
		t.Errorf("two pages are exchanged: %v", err)
	}
}

func TestOpenIndexErrors(t *testing.T) {
	path := saved(t, twoRows)
	if _, err := OpenIndex(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "rows.jsonl.undertone-index: cannot open the index: ") {
		t.Errorf("no index: %v", err)
	}
	x := opened(t, path)
	for want, options := range map[string][]Option{
		"as=text":                {As(Text)},
		"turns=last":             {Turns(undertone.LastTurn)},
		"as=messages turns=last": {As(Messages), Turns(undertone.LastTurn)},
		"detokenised":            {Tokenised(), Detokenise(func([]int32) (string, error) { return "", nil })},
		"as=messages":            {As(Messages), Tokenised()},
	} {
		if _, err := OpenIndex(path, options...); !errors.Is(err, ErrIndex) ||
			!strings.Contains(err.Error(), `the index was built with the options "", not "`+want+`"`) {
			t.Errorf("options %s: %v", want, err)
		}
	}
	if _, err := OpenIndex(path, As("x")); !errors.Is(err, ErrShape) {
		t.Errorf("an unknown shape: %v", err)
	}
	short, err := OpenIndex(path, MaxLine(10))
	if err != nil {
		t.Fatal(err)
	}
	defer short.Close()
	if _, err := short.Row(0); !errors.Is(err, ErrLimit) {
		t.Errorf("a line above the limit: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if _, err := x.Row(0); err == nil {
		t.Error("a closed index gives a row")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIndex(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "rows.jsonl: cannot open: ") {
		t.Errorf("no file: %v", err)
	}
	other := trailer{rows: 1, size: 12}
	page := other.page(1)
	page[trailerVersion] = 2
	sign(page, 1)
	if _, err := readTrailer(memory{bytes.NewReader(append(make([]byte, pageSize), page...))}, 2*pageSize); !errors.Is(err, errVersion) {
		t.Errorf("another version: %v", err)
	}
}

// memory is a file in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error     { return nil }
func (memory) Unchanged() error { return nil }

// counted counts the bytes that are read of a file.
type counted struct {
	randomAccess
	read *int
}

func (c counted) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.randomAccess.ReadAt(p, at)
	*c.read += n
	return n, err
}

// Opening an index reads one page of it, and a row costs one page of the index and its own bytes,
// whatever the size of the file.
func TestIndexReadsNoMoreThanItNeeds(t *testing.T) {
	for _, rows := range []int{100, 20_000} {
		path := saved(t, string(numberRows(rows, messagesLayout)))
		whole := opened(t, path)
		fromFile, fromIndex := 0, 0
		x, err := newIndex(path, whole.config, counted{whole.file, &fromFile}, counted{whole.index, &fromIndex})
		if err != nil {
			t.Fatal(err)
		}
		if fromFile != 0 || fromIndex != pageSize {
			t.Errorf("%d rows: opening reads %d bytes of the file and %d of the index, want 0 and %d", rows, fromFile, fromIndex, pageSize)
		}
		for _, i := range []int{0, rows / 2, rows - 1} {
			fromFile, fromIndex = 0, 0
			row, err := x.Row(i)
			if err != nil || fromFile != len(row.Source) || fromIndex != pageSize {
				t.Errorf("%d rows: row %d reads %d bytes of the file and %d of the index (%v), want %d and %d", rows, i, fromFile, fromIndex, err, len(row.Source), pageSize)
			}
		}
	}
}
