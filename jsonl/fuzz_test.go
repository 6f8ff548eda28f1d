package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// FuzzRead reads arbitrary bytes. Rows that can be read must be the same rows when
// they are written and read again: as they are, and encoded again in its shape.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds in testdata", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		for line := range bytes.Lines(text) {
			f.Add(line)
		}
		f.Add([]byte(`{"system":"s","history":[["p","b"]],"instruction":"q","input":"i","output":"a","kto_tag":false,"tools":[{"name":"f"}]}`))
		f.Add([]byte(`{"contents":[{"role":"user","parts":[{"text":"q"},{"text":"r"}]},{"role":"model","parts":[{"text":"hm","thought":true},{"text":"a"},{"functionCall":{"name":"f","args":{}}}]}]}`))
		f.Add([]byte(`{"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}`))
		f.Add([]byte(`{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"4"},{"type":"text","text":"q"}]},{"role":"assistant","content":null,"reasoning":"r","thinking":"s","tool_calls":[{"function":{"name":"f","arguments":"{}"}}],"weight":0},{"role":"assistant","content":"a"}],"rejected_response":"b"}`))
		f.Add([]byte(`{"input_ids":[1,2,3],"labels":[-100,2,3]}`))
		f.Add(gzipped(f, text))
		f.Add(zstandard(f, text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var e *Error
		for row, err := range NewReader("f", bytes.NewReader(data), Detokenise(digits)).Rows() {
			if err != nil {
				if !errors.As(err, &e) || e.File != "f" {
					t.Errorf("%v is not an *Error of this file", err)
				}
				return
			}
			copied, err := line(row.Example, Detokenise(digits))
			if err != nil || copied != row.Source {
				t.Errorf("%q is written as %q, %v", row.Source, copied, err)
			}
			if row.Shape == TokenIDs {
				continue
			}
			checkChanged(t, row)
			if !row.Shape.canBeMade() {
				continue
			}
			anew := row.Example
			anew.Source = ""
			written, err := line(anew, As(row.Shape))
			if err != nil {
				t.Errorf("%q cannot be encoded again: %v", row.Source, err)
				return
			}
			if back := read(t, written, As(row.Shape)); !equalContent(back, row.Example) {
				t.Errorf("%q became %q", row.Source, written)
			}
		}
	})
}

// checkChanged changes the texts of a row and compares what a Writer makes of it.
func checkChanged(t *testing.T, row Row) {
	e := row.Example
	e.Messages = slices.Clone(e.Messages)
	for i := range e.Messages {
		e.Messages[i].Content += "!"
	}
	e.Meta = maps.Clone(e.Meta)
	if e.Meta == nil {
		e.Meta = map[string]json.RawMessage{}
	}
	e.Meta["undertone_original"] = json.RawMessage("1")
	written, err := line(e, As(row.Shape))
	if err != nil {
		if errors.Is(err, ErrShape) {
			return // the changed row has no form in this shape
		}
		t.Errorf("%q, changed, cannot be written: %v", row.Source, err)
		return
	}
	if back := read(t, written, As(row.Shape)); !equalContent(back, e) || string(back.Meta["undertone_original"]) != "1" {
		t.Errorf("%q became %q", row.Source, written)
	}
}

// equalContent reports whether two rows have equal content, metadata and ID.
func equalContent(a, b undertone.Example) bool {
	return undertone.EqualMessages(a.Messages, b.Messages) && a.Rejected == b.Rejected && a.Generator == b.Generator && a.ID() == b.ID()
}

// FuzzWrite writes arbitrary rows in every shape. Rows that are not rejected must be
// one line and be read back as the same row.
func FuzzWrite(f *testing.F) {
	f.Add("user", "q", "assistant", "a", "", "", "x", []byte("1"))
	f.Add("human", "q", "gpt", "a", "b", "m", "text", []byte(`"t"`))
	f.Add("system", "s", "tool", "\u2028", "", "", "generator", []byte(`"g"`))
	f.Add("", "", "assistant", "\x00\xff", "b", "m", "model", []byte("{\n}"))
	f.Add("user", "", "assistant", "\"\\", "", "m", "input", []byte("null,"))
	f.Fuzz(func(t *testing.T, askRole, question, role, answer, rejected, generator, name string, value []byte) {
		e := undertone.Example{Messages: chat(askRole, question, role, answer), Rejected: rejected, Generator: generator}
		if askRole == "" {
			e.Messages = e.Messages[1:]
		}
		if name != "" {
			e.Meta = map[string]json.RawMessage{name: value}
		}
		for _, shape := range append(Shapes(), "") {
			var opts []Option
			if shape != "" {
				opts = append(opts, As(shape))
			}
			text, err := line(e, opts...)
			if err != nil {
				if text != "" {
					t.Errorf("refused, but %q is written", text)
				}
				continue
			}
			if strings.Contains(text, "\n") {
				t.Errorf("%q is more than one line", text)
			}
			back := read(t, text, opts...)
			if back.ID() != e.ID() || e.Generator != "" && back.Generator != e.Generator {
				t.Errorf("%+v became %q in the shape %q", e, text, shape)
			}
		}
	})
}
