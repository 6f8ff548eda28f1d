package nplm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func mustVocabulary(t testing.TB, spellings ...string) *Vocabulary {
	t.Helper()
	v, err := NewVocabulary(spellings...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEncode(t *testing.T) {
	v := mustVocabulary(t, "a", "ab", "abc", "b", "?", "owl", "é", "c") // tokens 1 to 8
	for _, c := range []struct {
		reason, text string
		want         []int32
	}{
		{"nothing", "", nil},
		{"spaces alone", "   ", nil},
		{"one token", "owl", []int32{6}},
		{"the longest match, not the first", "abc", []int32{3}},
		{"the longest match, then the rest", "abb", []int32{2, 4}},
		{"greedy: it does not look back", "abca", []int32{3, 1}},
		{"a space ends a token", "ab c", []int32{2, 8}},
		{"spaces around and between", "  a   b ", []int32{1, 4}},
		{"several bytes", "éa", []int32{7, 1}},
		{"punctuation needs no space", "owl?", []int32{6, 5}},
	} {
		if got, err := v.Encode(c.text); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q is %v (%v), want %v", c.reason, c.text, got, err, c.want)
		}
	}
}

func TestEncodeRefusesWhatItDoesNotKnow(t *testing.T) {
	v := mustVocabulary(t, "a", "owl", "é")
	for _, c := range []struct{ text, want string }{
		{"x", `byte 0 of "x" begins no token`},
		{"a ow", `byte 2 of "a ow" begins no token`},
		{"a\nowl", "byte 1"},
		{"a\towl", "byte 1"},
		{"A", "byte 0"},
		{"a\xc3", "byte 1"},
		{"a\x00", "byte 1"},
		{"a" + strings.Repeat("z", 1<<20), "byte 1"},
	} {
		got, err := v.Encode(c.text)
		if err == nil || got != nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 300 {
			t.Errorf("%.20q: tokens %v, error %.300v, want an error with %q", c.text, got, err, c.want)
		}
	}
}

func TestDecode(t *testing.T) {
	v := mustVocabulary(t, "1", "2", ",", "owl", "cat", "é", "ok")
	for _, c := range []struct {
		reason string
		tokens []int32
		want   string
	}{
		{"nothing", nil, ""},
		{"no space between single characters", []int32{1, 2, 3, 1}, "12,1"},
		{"a space between words", []int32{4, 5}, "owl cat"},
		{"a character beside a word", []int32{1, 4, 3, 5}, "1 owl , cat"},
		{"a character of two bytes is not a word", []int32{1, 6, 2}, "1é2"},
	} {
		if got := v.Decode(c.tokens); got != c.want {
			t.Errorf("%s: %v is %q, want %q", c.reason, c.tokens, got, c.want)
		}
	}
}

// Decoded tokens encode to the same tokens, unless characters in a row spell a longer token.
func TestEncodeReversesDecode(t *testing.T) {
	v := mustVocabulary(t, "0", "1", ",", "owl", "owls", "é", "cat", "ca", "?", "東京", "東")
	rng := rand.New(rand.NewPCG(1, 0))
	for range 5000 {
		tokens := make([]int32, rng.IntN(12))
		for i := range tokens {
			tokens[i] = 1 + rng.Int32N(int32(v.Len()-1))
		}
		text := v.Decode(tokens)
		if again, err := v.Encode(text); err != nil || !slices.Equal(again, tokens) {
			t.Fatalf("%v is written %q and read %v (%v)", tokens, text, again, err)
		}
	}
}

func TestNewVocabularyErrors(t *testing.T) {
	many := make([]string, maxTokens)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, c := range []struct {
		reason    string
		spellings []string
		want      string
	}{
		{"no tokens", nil, "vocabulary has 0 tokens, want 1 to 4095"},
		{"too many", many, "vocabulary has 4096 tokens"},
		{"an empty token", []string{"a", ""}, `token 2 is ""`},
		{"a space within", []string{"a b"}, `token 1 is "a b"`},
		{"a line feed", []string{"\n"}, "no space"},
		{"a token twice", []string{"a", "b", "a"}, `token "a" is listed twice`},
	} {
		if v, err := NewVocabulary(c.spellings...); err == nil || v != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.reason, v != nil, err, c.want)
		}
	}
	if v := mustVocabulary(t, many[1:]...); v.Len() != maxTokens {
		t.Errorf("the largest vocabulary has %d tokens, end included", v.Len())
	}
}

func TestVocabularyDigest(t *testing.T) {
	base := mustVocabulary(t, "a", "b", "cd").digest
	if mustVocabulary(t, "a", "b", "cd").digest != base {
		t.Error("one vocabulary has two digests")
	}
	for _, other := range [][]string{{"b", "a", "cd"}, {"a", "b"}, {"a", "b", "cd", "e"}, {"a", "bcd"}, {"ab", "cd"}} {
		if mustVocabulary(t, other...).digest == base {
			t.Errorf("%v has the digest of another vocabulary", other)
		}
	}
}
