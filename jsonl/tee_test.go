package jsonl_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

// Tee gets the bytes of a file as they are on disk, when it is written and when it is read.
func TestTee(t *testing.T) {
	var rows []undertone.Example
	for i := range 3000 {
		rows = append(rows, undertone.NewExample("q", strings.Repeat("a", i%50)))
	}
	for _, name := range []string{"rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst"} {
		path := filepath.Join(t.TempDir(), name)
		var written, read bytes.Buffer
		if err := jsonl.Save(t.Context(), path, undertone.NewDataset("rows", rows), jsonl.Tee(&written)); err != nil {
			t.Fatal(err)
		}
		onDisk, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		again, err := jsonl.Load(path, jsonl.Tee(&read))
		if err != nil || again.Len() != len(rows) {
			t.Fatalf("%s: %d rows, %v", name, again.Len(), err)
		}
		if !bytes.Equal(written.Bytes(), onDisk) || !bytes.Equal(read.Bytes(), onDisk) {
			t.Errorf("%s: %d bytes on disk, %d written, %d read", name, len(onDisk), written.Len(), read.Len())
		}
	}
}

// broken is a writer that fails.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestTeeThatFails(t *testing.T) {
	full := errors.New("full")
	if _, err := undertone.Collect("rows", jsonl.Read("rows", strings.NewReader(`{"prompt":"q","completion":"a"}`+"\n"), jsonl.Tee(broken{full}))); !errors.Is(err, full) {
		t.Errorf("reading: error %v", err)
	}
	path := filepath.Join(t.TempDir(), "rows")
	err := jsonl.Save(t.Context(), path, undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("q", "a")}), jsonl.Tee(broken{full}))
	if _, missing := os.Stat(path); !errors.Is(err, full) || missing == nil {
		t.Errorf("saving: error %v; the file is there: %v", err, missing == nil)
	}
}

// ReadingOptions gives the options back that Reading describes, and refuses every other text.
func TestReadingOptions(t *testing.T) {
	for _, opts := range [][]jsonl.Option{
		nil, {jsonl.As(jsonl.Messages)}, {jsonl.Turns(undertone.LastTurn)}, {jsonl.As(jsonl.Messages), jsonl.Turns(undertone.LastTurn), jsonl.MaxLine(5)},
	} {
		text := jsonl.Reading(opts...)
		again, ok := jsonl.ReadingOptions(text)
		if !ok || jsonl.Reading(again...) != text {
			t.Errorf("%q is read as %q, %v", text, jsonl.Reading(again...), ok)
		}
	}
	for _, text := range []string{"detokenised", "as=nothing", "turns=first", "turns=last as=messages", " turns=last", "turns=last turns=last", "x"} {
		if _, ok := jsonl.ReadingOptions(text); ok {
			t.Errorf("%q is accepted", text)
		}
	}
}
