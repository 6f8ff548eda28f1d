package provenance

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
)

// countedFS counts how often each file is opened.
type countedFS struct {
	fstest.MapFS
	opened map[string]int
}

func (c countedFS) Open(name string) (fs.File, error) {
	c.opened[name]++
	return c.MapFS.Open(name)
}

// A folder of a model that many records name is read and loaded once.
func TestModelFoldersAreReadOnce(t *testing.T) {
	files := countedFS{fstest.MapFS{"model/weights": {Data: []byte("12345")}}, map[string]int{}}
	sum, size, err := DigestFolder(t.Context(), files, "model")
	if err != nil {
		t.Fatal(err)
	}
	clear(files.opened)
	loads := 0
	tr := &tracer{
		ctx: t.Context(), fsys: files, folder: ".", graph: &Graph{}, seen: map[string]Content{}, folders: map[string]Content{},
		sizes: map[string]int64{}, models: map[string]*Model{},
		options: Options{Models: func(context.Context, string, string) (*Model, error) {
			loads++
			return &Model{}, nil
		}},
	}
	for i := range 5 {
		r := Record{Path: "model", Content: Content{Kind: ModelKind, Bytes: sum, Size: size, Model: &Model{Name: fmt.Sprint(i)}}}
		if state, _, err := tr.compare(i, r); err != nil || state != FileVerified {
			t.Fatalf("record %d: %s, %v, %v", i, state, err, tr.graph.Problems)
		}
	}
	if files.opened["model/weights"] != 1 || loads != 1 {
		t.Errorf("the file was read %d times and the model loaded %d times, want once each", files.opened["model/weights"], loads)
	}
	clear(files.opened)
	tr.sizes["model"], tr.folders = size+1, map[string]Content{}
	r := Record{Path: "model", Content: Content{Kind: ModelKind, Bytes: sum, Size: size, Model: &Model{Name: "larger"}}}
	if state, _, err := tr.compare(9, r); err != nil || state != FileStale || files.opened["model/weights"] > 0 {
		t.Errorf("a larger folder: %s, %v, read %d times; want stale and not read", state, err, files.opened["model/weights"])
	}
	tr.sizes["model"], tr.read = size, mostUnsigned+1
	if state, _, err := tr.compare(9, r); err != nil || state != FileUnread || files.opened["model/weights"] > 0 {
		t.Errorf("too many bytes without a signature: %s, %v, read %d times; want unread", state, err, files.opened["model/weights"])
	}
}
