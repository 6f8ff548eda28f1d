package tokenizer

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestTokens(t *testing.T) {
	tok := mustParse(t, llama(llamaRules))
	if got := tok.Len(); got != 15 {
		t.Errorf("Len is %d", got)
	}
	for id := range int32(15) {
		if back, ok := tok.ID(tok.Token(id)); !ok || back != id {
			t.Errorf("id %d is %q is id %d", id, tok.Token(id), back)
		}
	}
	if _, ok := tok.ID("owl"); ok || tok.Token(-1) != "" || tok.Token(15) != "" {
		t.Error("tokens that are not there")
	}
	if _, ok := tok.EOS(); ok {
		t.Error("an EOS that nothing names")
	}
}

// TestFingerprint: the fingerprint changes exactly if ids change.
func TestFingerprint(t *testing.T) {
	base := llama(llamaRules)
	sum := mustParse(t, base).Fingerprint()
	if mustParse(t, strings.ReplaceAll(base, `["▁", "a"], `, `["▁","a"],`)).Fingerprint() != sum {
		t.Error("white space in the file changes the fingerprint")
	}
	for reason, change := range map[string][2]string{
		"the order of merges": {`["▁", "a"], ["a", "b"]`, `["a", "b"], ["▁", "a"]`},
		"one merge less":      {`, ["▁a", "b"]`, ``},
		"ids":                 {`"n": 13, "o": 14`, `"n": 14, "o": 13`},
		"a flag":              {`"lstrip": true`, `"lstrip": false`},
		"what is replaced":    {`{"String": " "}`, `{"String": "\t"}`},
		"a rule":              {`"prepend": "▁"`, `"prepend": "a"`},
		"a decoder":           {`"start": 1`, `"start": 0`},
		"the unknown token":   {`"unk_token": "<unk>", `, ``},
	} {
		data := strings.Replace(base, change[0], change[1], 1)
		if data == base {
			t.Fatalf("%s: nothing to change", reason)
		}
		if mustParse(t, data).Fingerprint() == sum {
			t.Errorf("%s: the same fingerprint", reason)
		}
	}
}

// TestConcurrent is for the race detector: the cache is shared.
func TestConcurrent(t *testing.T) {
	tok, err := parseRanks([]byte(ranks("in", "th", "the")), encodings["gpt2"])
	if err != nil {
		t.Fatal(err)
	}
	p := readPublished(t)
	text := strings.Join(p.Texts, " ")
	want := tok.Encode(text)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 3 {
				if !slices.Equal(tok.Encode(text), want) {
					t.Error("other ids than before")
				}
			}
		})
	}
	all.Wait()
}
