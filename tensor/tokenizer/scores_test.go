package tokenizer

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

type scored struct {
	token string
	score float32
}

// scores writes a vocabulary of llama2.c: the reserved tokens, the byte tokens, then others.
func scores(more ...scored) []byte {
	all := []scored{{"<unk>", 0}, {"\n<s>\n", 0}, {"\n</s>\n", 0}}
	for b := range 256 {
		all = append(all, scored{byteToken(byte(b)), 0})
	}
	data := binary.LittleEndian.AppendUint32(nil, 7)
	for _, s := range append(all, more...) {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(s.score))
		data = binary.LittleEndian.AppendUint32(data, uint32(len(s.token)))
		data = append(data, s.token...)
	}
	return data
}

func TestScores(t *testing.T) {
	tok, err := parseScores(scores(
		scored{" ", -9}, scored{"a", -9}, scored{"b", -9}, scored{"ab", -2}, scored{" a", -3}, scored{"bb", -2}, scored{" ab", -2e10}))
	if err != nil {
		t.Fatal(err)
	}
	const space, a, b, ab, spaceA, bb = 259, 260, 261, 262, 263, 264
	for _, c := range []struct {
		reason, text string
		want         []int32
	}{
		{"nothing, not even a space", "", nil},
		{"the highest score merges first; the lowest never", "ab", []int32{space, ab}},
		{"the leftmost of equals", "abb", []int32{space, ab, b}},
		{"the space before the text merges", "a", []int32{spaceA}},
		{"bytes are found at 3 and on", "é", []int32{space, 3 + 0xc3, 3 + 0xa9}},
		{"also those that are not UTF-8", "\xff", []int32{space, 3 + 0xff}},
		{"the spelling of a byte is text", "<0x0A>", []int32{space, 3 + '<', 3 + '0', 3 + 'x', 3 + '0', 3 + 'A', 3 + '>'}},
		{"so is that of BOS", "<s>", []int32{space, 3 + '<', 3 + 's', 3 + '>'}},
	} {
		if got := tok.Encode(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q: got %d, want %d", c.reason, c.text, got, c.want)
		}
		if got := tok.Decode(tok.Encode(c.text)); got != c.text {
			t.Errorf("%s: %q is decoded as %q", c.reason, c.text, got)
		}
	}
	if got, want := tok.EncodeChat("<s>bb"), []int32{1, space, bb}; !slices.Equal(got, want) {
		t.Errorf("EncodeChat: got %d, want %d", got, want)
	}
}

func TestScoresRefused(t *testing.T) {
	good := scores(scored{"a", -1})
	huge := slices.Clone(good)
	binary.LittleEndian.PutUint32(huge[8:], math.MaxUint32)
	for _, c := range []struct {
		data []byte
		says string
	}{
		{nil, "0 bytes"},
		{good[:len(good)-1], "token 259"},
		{good[:len(good)-5], "token 259"},
		{good[:4], "0 tokens"},
		{good[:200], "token 14"},
		{good[:len(good)-9-14], "<0xFF>"},
		{huge, "length 4294967295"},
		{scores(scored{"a", float32(math.NaN())}), "not a number"},
		{scores(scored{"a", 0}, scored{"a", 0}), `"a" has the ids 259 and 260`},
	} {
		if _, err := parseScores(c.data); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want %q", err, c.says)
		}
	}
}
