package jsonl

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// skipped reports whether the scanner takes the whole of text for one JSON value.
func skipped(text string) bool {
	var s scanner
	s.reset(text)
	return s.skip() == nil && s.ended()
}

// seeds are texts on both sides of the grammar.
var seeds = []string{
	`{"a":[1,-0.5e+3,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{}}`, `[]`, `[1,]`, `{"a"}`, `{"a":}`, `{,}`, `[,1]`, `01`, `-`, `1.`, `1e`, `.5`, `+1`,
	`nul`, `truex`, `"\x"`, `"\u12"`, `"\`, `"`, ` "a" `, `"a"b`, "\"a\tb\"", "\"\x7f\"", `{"a":1,"a":2}`, `[[[[]]]]`, `{"a":1]`, `[1}`, "\"12345678\\\"9\"",
}

func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.Count(text, "[")+strings.Count(text, "{") > maxDepth {
			return // encoding/json takes both
		}
		if got, want := skipped(text), json.Valid([]byte(text)); got != want {
			t.Errorf("%q: scanner takes it: %t, encoding/json: %t", text, got, want)
		}
	})
}

func FuzzString(f *testing.F) {
	for _, s := range []string{``, `a`, `\n\"\\\/\b\f\r\t`, `\u0041`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83dx`, `\ud83d\n`, `\u0000é`, `12345678\n12345678`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text := `"` + raw + `"`
		var want string
		if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &want) != nil {
			return
		}
		var s scanner
		s.reset(text)
		got, err := s.str()
		switch {
		case err == nil && got != want:
			t.Errorf("%q: got %q, encoding/json says %q", text, got, want)
		case err != nil && !strings.Contains(want, "\ufffd"): // what encoding/json puts for half of a pair
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestSpecial(t *testing.T) {
	// Every byte at every place of a block and of the rest after it.
	for c := range 256 {
		want := c < ' ' || c == '"' || c == '\\'
		for n := range 20 {
			text := []byte(strings.Repeat("\x80", 20))
			text[n] = byte(c)
			expect := len(text)
			if want {
				expect = n
			}
			if got := special(string(text), 0); got != expect {
				t.Fatalf("byte 0x%02x at %d: got %d, want %d", c, n, got, expect)
			}
		}
	}
}

func TestNestingLimit(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":[`, n/2) + strings.Repeat("]}", n/2) }
	if !skipped(nested(maxDepth)) {
		t.Errorf("%d levels are refused", maxDepth)
	}
	if skipped(nested(maxDepth + 2)) {
		t.Errorf("%d levels are taken", maxDepth+2)
	}
	if !skipped("[" + strings.Repeat("[],{},", 1000) + "1]") {
		t.Error("lists beside one another count as nested")
	}
}
