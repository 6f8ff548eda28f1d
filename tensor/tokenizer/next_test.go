package tokenizer

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Text that continues text gets no space before it; after a token the rules decide.
func TestEncodeNext(t *testing.T) {
	const vocab = `"model":{"type":"BPE","vocab":{"▁":0,"a":1,"b":2,"▁a":3,"<s>":4},"merges":["▁ a"]},"added_tokens":[{"id":4,"content":"<s>","special":true}]`
	for _, c := range []struct {
		reason             string
		file               string
		start, after, next []int32
	}{
		{"a space before every text", `{"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},` + vocab + `}`,
			[]int32{3, 2}, []int32{3, 2}, []int32{1, 2}},
		{"a space before the first text", `{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false},` + vocab + `}`,
			[]int32{3, 2}, []int32{1, 2}, []int32{1, 2}},
	} {
		path := filepath.Join(t.TempDir(), "tokenizer.json")
		if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		tok, err := Load(path)
		if err != nil {
			t.Fatalf("%s: %v", c.reason, err)
		}
		if got := tok.Encode("ab"); !slices.Equal(got, c.start) {
			t.Errorf("%s: at the start %v, want %v", c.reason, got, c.start)
		}
		if got := tok.EncodeAfterToken("ab"); !slices.Equal(got, c.after) {
			t.Errorf("%s: after a token %v, want %v", c.reason, got, c.after)
		}
		if got := tok.EncodeChat("<s>ab"); !slices.Equal(got, append([]int32{4}, c.after...)) {
			t.Errorf("%s: in a chat %v, want 4 and %v", c.reason, got, c.after)
		}
		if got := tok.EncodeNext("ab"); !slices.Equal(got, c.next) {
			t.Errorf("%s: in a text %v, want %v", c.reason, got, c.next)
		}
	}
}
