package tokenizer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ranks writes a rank file: all bytes, then other tokens.
func ranks(more ...string) string {
	var b strings.Builder
	for i := range 256 {
		more = slices.Insert(more, i, string([]byte{byte(i)}))
	}
	for rank, token := range more {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString([]byte(token)), rank)
	}
	return b.String()
}

func TestRanks(t *testing.T) {
	tok, err := parseRanks([]byte(ranks("ab", "bc", "abcd")), encodings["cl100k_base"])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason, text string
		want         []int32
	}{
		{"the lower rank merges first", "abc", []int32{256, 'c'}},
		{"a word of the vocabulary needs no merges", "abcd", []int32{258}},
		{"which elsewhere are needed", "abcdd", []int32{256, 'c', 'd', 'd'}},
		{"any byte", "\xff", []int32{0xff}},
	} {
		if got := tok.Encode(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q: got %d, want %d", c.reason, c.text, got, c.want)
		}
	}
	if got, want := tok.EncodeChat("a<|endoftext|>"), []int32{'a', 100257}; !slices.Equal(got, want) {
		t.Errorf("EncodeChat: got %d, want %d", got, want)
	}
	if got := tok.Decode([]int32{256, 300, 100257}); got != "ab\uFFFD<|endoftext|>" {
		t.Errorf("Decode: got %q", got)
	}
}

func TestRanksRefused(t *testing.T) {
	for _, c := range []struct{ data, says string }{
		{"", "byte 0x00"},
		{"YQ==", "line 1"},
		{"YQ== 0\n\n! 1", "line 3"},
		{"YQ== 0\nYQ== 1", "line 2"},
		{"YQ== 99999999999", "line 1"},
		{"YQ== -1", "id -1"},
		{ranks() + "YWI= 100257\n", `id 100257`},
	} {
		if _, err := parseRanks([]byte(c.data), encodings["cl100k_base"]); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40q: got %v, want %q", c.data, err, c.says)
		}
	}
}

func TestEncodingByName(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mine.tiktoken")
	if err := os.WriteFile(path, []byte(ranks()), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "cl100k_base") {
		t.Errorf("Load: got %v, want the names of known encodings", err)
	}
	for name := range encodings {
		if _, err := LoadTiktoken(path, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
