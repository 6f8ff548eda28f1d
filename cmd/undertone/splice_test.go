package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

// FuzzNoted: a rejected row is read as the row that it was, with the note beside
// its metadata and, but for that, with the bytes that it had.
func FuzzNoted(f *testing.F) {
	f.Add(`{"text":"a"}`, "no \"good\"")
	f.Add(` { "text" : "a" } `+"\t", "\x00\n")
	f.Add(`{"undertone":{"rejected":[1,"}"]},"text":"a"}`, "again")
	f.Add(`{"text":"a","\u0075ndertone" : null }`, "again")
	f.Add(`{"text":"undertone","x":{"undertone":1},"undertone":[ ]}`, "again")
	f.Fuzz(func(t *testing.T, line, reason string) {
		for row, err := range jsonl.NewReader("f", strings.NewReader(line)).Rows() {
			if err != nil {
				return
			}
			_, noted := row.Meta[noteField]
			if !noted && len(row.Meta) > 1000 {
				return // a field more may be one too many
			}
			filters := []filter.Filter{filter.Numbers{}, filter.Words("a"), filter.Length{}}
			reasons := [][]filter.Reason{{filter.Reason(reason), "b"}, nil, {"c"}}
			got, err := appendNoted([]byte("before"), row.Source, noted, filters, reasons)
			if err != nil {
				t.Fatalf("%q: %v", row.Source, err)
			}
			text := strings.TrimPrefix(string(got), "before")
			for back, err := range jsonl.NewReader("f", strings.NewReader(text)).Rows() {
				if err != nil {
					t.Fatalf("%q became %q: %v", row.Source, text, err)
				}
				note := back.Meta[noteField]
				if back.ID() != row.ID() {
					t.Errorf("%q became %q, another row", row.Source, text)
				}
				var said struct {
					Rejected []struct{ Filter, Reason string }
				}
				want := []struct{ Filter, Reason string }{{"numbers", strings.ToValidUTF8(reason, "\ufffd")}, {"numbers", "b"}, {"length", "c"}}
				if err := json.Unmarshal(note, &said); err != nil || len(said.Rejected) != 3 || !reflect.DeepEqual(said.Rejected[1:], want[1:]) {
					t.Errorf("%q says %s, %v", text, note, err)
				}
				without := strings.Replace(text, `,"undertone":`+string(note), "", 1)
				if noted {
					without = strings.Replace(text, string(note), string(row.Meta[noteField]), 1)
				}
				if without != row.Source {
					t.Errorf("%q became %q", row.Source, text)
				}
			}
		}
	})
}
