package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Tokenizer is a vocabulary and its rules. It is immutable and safe for concurrent use. See [Load].
type Tokenizer struct {
	tokens []string // the spelling of each id; "" if no token has it
	texts  []string // what each id decodes to
	ids    map[string]int32
	trim   int // number of spaces that Decode removes from the start

	special, plain *finder    // added tokens in the raw text, with and without special tokens
	normalized     *finder    // added tokens in the normalised text
	normalize      []rewriter // the normaliser
	prepare        []rewriter // changes of the text by pre-tokenizers
	splitters      []splitter // cuts by pre-tokenizers
	model          bpe        //
	bos, eos       int32      // -1: none
	addsBOS        bool       // before a text
	specials       []string   // the spellings of special tokens
	words          *cache     //
	work           sync.Pool  // of *scratch
	sum            func() [32]byte
}

const unknownText = "\uFFFD"

// Len returns the number of ids, which are 0 … Len()-1. In a few vocabularies some ids belong to no
// token.
func (t *Tokenizer) Len() int { return len(t.tokens) }

// Encode returns the ids of plain text. Special tokens that are spelled out in it are encoded as
// text, and no token is put before or after it. A space is put before it only if the tokenizer's
// rules require it. Added tokens that the file does not call special, such as runs of spaces, are
// part of the vocabulary. Bytes that are not UTF-8 are encoded as bytes if the vocabulary has them.
func (t *Tokenizer) Encode(text string) []int32 { return t.encode(text, t.plain, atStart) }

// EncodeChat is Encode for text that a chat template has rendered: special tokens that are spelled
// out in it become their ids. Text of people or models must not reach a template unescaped, or it
// could forge special tokens.
//
// Special tokens are searched for in the raw text, also those that a file searches for after its
// normaliser.
func (t *Tokenizer) EncodeChat(text string) []int32 { return t.encode(text, t.special, atStart) }

// EncodeNext is Encode for text that continues other text: no space is put before it.
func (t *Tokenizer) EncodeNext(text string) []int32 { return t.encode(text, t.plain, inText) }

// EncodeAfterToken is Encode for text that follows a special token: a space that the rules put only
// at the start of a text is not put before it.
func (t *Tokenizer) EncodeAfterToken(text string) []int32 { return t.encode(text, t.plain, afterToken) }

func (t *Tokenizer) encode(text string, early *finder, begins place) []int32 {
	work := t.work.Get().(*scratch)
	out := make([]int32, 0, len(text)/4+4)
	word := func(w string) { out = t.word(work, w, out) }
	token := func(id int32) { out = append(out, id) }
	early.split(text, func(start int, s string) {
		from := begins
		if start > 0 {
			from = afterToken
		}
		s = rewriteAll(t.normalize, s, from)
		t.normalized.split(s, func(at int, s string) {
			if at > 0 {
				from = afterToken
			}
			eachWord(rewriteAll(t.prepare, s, from), t.splitters, word)
		}, token)
	}, token)
	if cap(work.symbols) <= keptSymbols {
		t.work.Put(work)
	}
	return out
}

// keptSymbols limits the memory that a tokenizer keeps after a long word.
const keptSymbols = 1 << 14

// word appends the ids of one word.
func (t *Tokenizer) word(work *scratch, w string, out []int32) []int32 {
	if len(w) > cachedWord {
		return t.model.encode(work, w, out)
	}
	slot := t.words.slot(w)
	if known := slot.Load(); known != nil && known.word == w {
		return append(out, known.ids...)
	}
	before := len(out)
	out = t.model.encode(work, w, out)
	slot.Store(&cached{strings.Clone(w), slices.Clone(out[before:])}) // w is part of a text that may be large
	return out
}

// Decode returns the text of ids, with special tokens spelled out. It accepts all ids: an id
// without a token becomes U+FFFD. A token may end inside a character, so the text of some ids alone
// is not always UTF-8. The text of the ids of [Tokenizer.Encode] is the encoded text if the
// vocabulary has its bytes and the normaliser did not change it.
func (t *Tokenizer) Decode(ids []int32) string {
	var b strings.Builder
	for _, id := range ids {
		if id < 0 || int(id) >= len(t.texts) {
			b.WriteString(unknownText)
		} else {
			b.WriteString(t.texts[id])
		}
	}
	s := b.String()
	for range t.trim {
		s = strings.TrimPrefix(s, " ")
	}
	return s
}

// Token returns the spelling of an id in the vocabulary, such as "Ġowl", "▁owl" or " owl", and ""
// if no token has the id.
func (t *Tokenizer) Token(id int32) string {
	if id < 0 || int(id) >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}

// ID returns the id of a token by its spelling in the vocabulary.
func (t *Tokenizer) ID(token string) (int32, bool) {
	id, ok := t.ids[token]
	return id, ok
}

// IsSpecial reports whether an id is that of a special token, which [Tokenizer.Encode] never
// returns.
func (t *Tokenizer) IsSpecial(id int32) bool {
	return t.special != nil && slices.ContainsFunc(t.special.tokens, func(a added) bool { return a.id == id && a.special })
}

// BOS returns the token that begins every text the model was trained on, if the files of the
// vocabulary name one.
func (t *Tokenizer) BOS() (int32, bool) { return max(t.bos, 0), t.bos >= 0 }

// EOS returns the token that ends a text or a turn, if the files of the vocabulary name one.
func (t *Tokenizer) EOS() (int32, bool) { return max(t.eos, 0), t.eos >= 0 }

// AddsBOS reports whether a text begins with BOS, as add_bos_token of tokenizer_config.json or the
// post-processor of tokenizer.json says. [Tokenizer.Encode] does not put it there.
func (t *Tokenizer) AddsBOS() bool { return t.addsBOS && t.bos >= 0 }

// SpecialTokens returns the spellings of the tokens that [Tokenizer.EncodeChat] finds in a text and
// [Tokenizer.Encode] does not.
func (t *Tokenizer) SpecialTokens() []string { return slices.Clone(t.specials) }

// SplitChat divides a text at the special tokens and other added tokens that [Tokenizer.EncodeChat]
// finds in it: it calls text with each part between them, and token with each token, in order.
func (t *Tokenizer) SplitChat(s string, text func(s string), token func(id int32)) {
	t.special.split(s, func(_ int, s string) { text(s) }, token)
}

// Limits of files, far above published vocabularies.
const (
	maxFile   = 128 << 20 // bytes
	maxTokens = 1 << 21   // also the largest id, whether used or not
	maxToken  = 4096      // bytes
	maxDepth  = 8         // of rules within rules
)

// newTokenizer returns a tokenizer of a vocabulary and its added tokens. The caller sets the rules
// and then calls finish.
func newTokenizer(vocab map[string]int32, extra []added) (*Tokenizer, error) {
	t := &Tokenizer{ids: make(map[string]int32, len(vocab)+len(extra)), bos: -1, eos: -1}
	size := 0
	for token, id := range vocab {
		if err := checkToken(token, id); err != nil {
			return nil, err
		}
		size = max(size, int(id)+1)
	}
	for _, a := range extra {
		if err := checkToken(a.content, a.id); err != nil {
			return nil, fmt.Errorf("added token: %w", err)
		}
		if a.content == "" {
			return nil, fmt.Errorf("added token %d is empty: %w", a.id, ErrMalformed)
		}
		size = max(size, int(a.id)+1)
	}
	t.tokens = make([]string, size)
	for token, id := range vocab {
		if err := t.name(id, token); err != nil {
			return nil, err
		}
	}
	for _, a := range extra {
		if err := t.name(a.id, a.content); err != nil {
			return nil, fmt.Errorf("added token: %w", err)
		}
	}
	t.texts = make([]string, size)
	for id, token := range t.tokens {
		if _, used := t.ids[token]; used {
			t.texts[id] = token
		} else {
			t.texts[id] = unknownText
		}
	}
	return t, nil
}

func checkToken(token string, id int32) error {
	switch {
	case len(token) > maxToken:
		return fmt.Errorf("token %.40q… has %d bytes, want at most %d: %w", token, len(token), maxToken, ErrMalformed)
	case id < 0 || id >= maxTokens:
		return fmt.Errorf("token %.200q has id %d, want 0 … %d: %w", token, id, maxTokens-1, ErrMalformed)
	}
	return nil
}

// name gives a token its id. It is an error if one of them has another already.
func (t *Tokenizer) name(id int32, token string) error {
	if old, ok := t.ids[token]; ok && old != id {
		return fmt.Errorf("token %.200q has the ids %d and %d: %w", token, old, id, ErrMalformed)
	}
	if old := t.tokens[id]; old != "" && old != token {
		return fmt.Errorf("id %d has the tokens %.200q and %.200q: %w", id, min(old, token), max(old, token), ErrMalformed)
	}
	t.tokens[id] = token
	t.ids[token] = id
	return nil
}

// finish sets what follows from the vocabulary and the rules.
func (t *Tokenizer) finish(extra []added) {
	var plain, special, normalized []added
	for _, a := range extra {
		switch {
		case a.special:
			special = append(special, a)
			t.specials = append(t.specials, a.content)
		case !a.normalized:
			plain = append(plain, a)
		default:
			if a.content = rewriteAll(t.normalize, a.content, atStart); a.content != "" {
				normalized = append(normalized, a)
			}
		}
	}
	t.plain = newFinder(plain)
	t.special = newFinder(slices.Concat(plain, special))
	t.normalized = newFinder(normalized)
	t.words = newCache()
	t.work.New = func() any { return new(scratch) }
	t.sum = sync.OnceValue(func() [32]byte { return t.digest(extra) })
}
