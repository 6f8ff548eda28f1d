package jsonl

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func TestUnread(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"fields at all levels", `{"x":1,"messages":[{"role":"user","content":[{"type":"text","text":"q","y":1}]},{"role":"assistant","content":"a","z":1}]}`,
			"1 row has fields that no verb reads: content[].y, messages[].z, x"},
		{"null is no field", `{"x":null,"tools":null,"messages":[{"role":"user","content":[{"type":"text","text":"q","y":null}]},{"role":"assistant","content":"a","z":null,"tool_calls":[{"name":"f","w":null}]}]}`, ""},
		{"rows of tokens", `{"input_ids":[1,2],"labels":[1,2],"attention_mask":[1,1],"position_ids":[0,1]}` + "\n" + `{"input_ids":[1],"loss_mask":[1],"model":"m","generator":"g"}`,
			"1 row has fields that no verb reads: position_ids"},
		{"a mask beside labels", `{"input_ids":[1,2],"labels":[1,2],"loss_mask":[0,1]}`, "1 row has fields that no verb reads: loss_mask"},
		{"a system prompt that is an object", `{"system":{"content":"s","x":1},"messages":[{"role":"assistant","content":"a"}]}`, "1 row has fields that no verb reads: system.x"},
		{"a conversation that is the prompt of a preference", `{"messages":[{"role":"user","content":"q","x":1}],"chosen":"a","rejected":"b"}`, "1 row has fields that no verb reads: messages[].x"},
	} {
		for _, opts := range [][]Option{{Tokenised()}, {Detokenise(digits)}} {
			var unread Unread
			for _, err := range NewReader("", strings.NewReader(c.text), append(opts, CountUnread(&unread))...).Rows() {
				if err != nil {
					t.Fatalf("%s: %v", c.reason, err)
				}
			}
			if got := unread.String(); got != c.want {
				t.Errorf("%s: %q, want %q", c.reason, got, c.want)
			}
			for name, rows := range unread.Fields() {
				if rows > unread.Rows() {
					t.Errorf("%s: the field %s is in %d rows of %d", c.reason, name, rows, unread.Rows())
				}
			}
		}
	}
}

// Rows that are read through an index are counted, each once: by BuildIndex, or when they are read.
func TestUnreadOfAnIndex(t *testing.T) {
	path := saved(t, `{"text":"a","x":1}`+"\n"+`{"text":"b"}`+"\n"+`{"text":"c","y":1}`+"\n")
	for _, c := range []struct {
		reason string
		read   []int
		want   string
	}{
		{"the index is built", []int{0, 0}, "2 rows have fields that no verb reads: x, y"},
		{"the index exists", []int{0, 1, 0, 1, 0}, "1 row has fields that no verb reads: x"},
		{"no row is read", nil, ""},
	} {
		var unread Unread
		rows, err := OpenIndexed(t.Context(), path, CountUnread(&unread))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range c.read {
			if _, err := undertone.ReadExample(rows, i); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if got := unread.String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}
