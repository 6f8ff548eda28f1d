package tokenizer

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// published is testdata/published/published.json, which make.mjs in its folder writes with other
// implementations.
type published struct {
	Texts        []string
	Blocks       [][2]rune
	Mixed        int
	Vocabularies map[string]struct {
		IDs   [][]int32
		Mixed struct {
			IDs    int
			SHA256 string
		}
	}
}

func readPublished(t testing.TB) (p published) {
	t.Helper()
	data, err := os.ReadFile("testdata/published/published.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// vocabularyFiles are the paths of fetch.sh.
var vocabularyFiles = map[string]string{
	"r50k_base":   "r50k_base.tiktoken",
	"p50k_base":   "p50k_base.tiktoken",
	"cl100k_base": "cl100k_base.tiktoken",
	"o200k_base":  "o200k_base.tiktoken",
	"qwen3":       "qwen3",
	"llama3":      "llama3",
}

// publishedVocabulary loads a vocabulary, or skips the test.
func publishedVocabulary(t testing.TB, name string) *Tokenizer {
	t.Helper()
	folder := os.Getenv("UNDERTONE_VOCAB")
	if folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("not checked: the vocabulary of %s: %v; set UNDERTONE_VOCAB", name, err)
		}
		folder = filepath.Join(cache, "undertone", "vocab")
	}
	path := filepath.Join(folder, vocabularyFiles[name])
	if _, err := os.Stat(path); err != nil {
		t.Skipf("not checked: the vocabulary of %s: %v; testdata/published/fetch.sh fetches it", name, err)
	}
	tok, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestPublished compares ids with those of independent implementations, text by text and over many
// mixed texts.
func TestPublished(t *testing.T) {
	want := readPublished(t)
	mixed := want.mix()
	for name, v := range want.Vocabularies {
		t.Run(name, func(t *testing.T) {
			tok := publishedVocabulary(t, name)
			encode := tok.Encode
			if strings.HasSuffix(vocabularyFiles[name], name) { // of tokenizer.json: the peer reads special tokens
				encode = tok.EncodeChat
			}
			for i, text := range want.Texts {
				if got := encode(text); !slices.Equal(got, v.IDs[i]) {
					t.Errorf("%q: got %d, want %d", text, got, v.IDs[i])
				}
			}
			hash, ids := sha256.New(), 0
			for _, text := range mixed {
				got := encode(text)
				ids += len(got)
				fmt.Fprintln(hash, strings.Trim(fmt.Sprint(got), "[]"))
			}
			if sum := fmt.Sprintf("%x", hash.Sum(nil)); sum != v.Mixed.SHA256 {
				t.Errorf("%d mixed texts: got %d ids with digest %s, want %d with %s", len(mixed), ids, sum, v.Mixed.IDs, v.Mixed.SHA256)
			}
		})
	}
}

// mix repeats the mixed texts of make.mjs.
func (p *published) mix() []string {
	state := uint32(2463534242)
	draw := func(n int) int {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		return int(state % uint32(n))
	}
	mixed := make([]string, p.Mixed)
	for i := range mixed {
		var b strings.Builder
		for range 1 + draw(12) {
			if draw(3) == 0 {
				b.WriteString(p.Texts[draw(len(p.Texts))])
				continue
			}
			for range 1 + draw(8) {
				block := p.Blocks[draw(len(p.Blocks))]
				b.WriteRune(block[0] + rune(draw(int(block[1]-block[0])+1)))
			}
		}
		mixed[i] = b.String()
	}
	return mixed
}
