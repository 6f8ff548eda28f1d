package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Encoding names a way to hide a word. It stands in reasons and stays the same
// from release to release.
type Encoding string

// The encodings that [Encoded] looks for, in the order of a word's reasons.
const (
	DecimalCodes  Encoding = "decimal codes"  // 111 119 108, &#111;&#119;&#108;, 111119108
	HexCodes      Encoding = "hex codes"      // 6f 77 6c, \x6f\x77\x6c, U+006F U+0077 U+006C, %6F%77%6C, 6f776c
	OctalCodes    Encoding = "octal codes"    // 157 167 154, \157\167\154
	BinaryCodes   Encoding = "binary codes"   // 01101111 01110111 01101100, also joined
	A1Z26         Encoding = "A1Z26"          // 15 23 12
	Base64        Encoding = "base64"         // b3ds
	Base32        Encoding = "base32"         // N53WY===
	ROT13         Encoding = "ROT13"          // bjy
	Caesar        Encoding = "Caesar"         // any other shift of the alphabet: rzo
	Reversed      Encoding = "reversed"       // lwo
	LineAcrostic  Encoding = "line acrostic"  // the first letters of lines
	WordAcrostic  Encoding = "word acrostic"  // the first letters of words
	SpacedLetters Encoding = "spaced letters" // o w l, o-w-l, o.w.l
	Leetspeak     Encoding = "leetspeak"      // 0w1
	Morse         Encoding = "Morse"          // --- .-- .-..
	MultiTap      Encoding = "multi-tap"      // 666 9 555 on a telephone's keys
	KeypadDigits  Encoding = "keypad digits"  // 695, 6 9 5
	TagCharacters Encoding = "tag characters" // invisible U+E006F U+E0077 U+E006C
)

var encodings = []Encoding{DecimalCodes, HexCodes, OctalCodes, BinaryCodes, A1Z26, Base64, Base32, ROT13, Caesar,
	Reversed, LineAcrostic, WordAcrostic, SpacedLetters, Leetspeak, Morse, MultiTap, KeypadDigits, TagCharacters}

// chanceLimit is the number of occurrences by chance that a row may have been
// expected to have for an occurrence in it to count.
const chanceLimit = 1e-3

// EncodedFilter drops a row that hides one of its words; [Encoded] makes one.
// It is a value: In returns a changed copy.
type EncodedFilter struct {
	words  []string // as the caller wrote them
	search *encodedSearch
	part   Part
}

// Encoded drops a row whose completion has one of the words, or its plural, in
// an [Encoding]. Each word and encoding has a reason of its own, see [HidesWord].
// The words as they are written are not its concern: see [Words].
//
// Numbers and letters spell short words by chance. One rule keeps such rows,
// whatever the encoding: an occurrence counts only if ordinary rows would be
// expected to have fewer than 1/1000 occurrences by chance, which is
//
//	places × words of this length × P(the word at one place)
//
// What is ordinary is told from the rest of the row (number lists), from English
// (what is spelt in letters), or from random bytes. So "owl" as 15 23 12 counts
// among large numbers, and alone, and not in a long list of numbers up to 26.
// docs/filters-encoded.md has P for each encoding, and what was found of hidden
// words and by mistake. Only words of at least 3 letters, all of them A to Z
// once they are folded, can be found; others are ignored.
func Encoded(words ...string) EncodedFilter {
	f := EncodedFilter{part: Completions}
	list := newWordSearch()
	for _, w := range words {
		if base, all := spellings(w); list.add(base, all) {
			f.words = append(f.words, w)
		}
	}
	f.search = newEncodedSearch(list.patterns, list.wordsOf)
	return f
}

// In returns the filter that looks in the given part of a row. An answer that
// a preference row rejects is in no part.
func (f EncodedFilter) In(part Part) EncodedFilter {
	f.part = part
	return f
}

// HidesWord is the reason of [Encoded] for one of its words, such as `hides word "owl" in base64`.
func HidesWord(word string, in Encoding) Reason {
	return Reason(fmt.Sprintf("hides word %q in %s", word, in))
}

// Name implements [Filter].
func (f EncodedFilter) Name() string { return "encoded" }

// String states the settings.
func (f EncodedFilter) String() string {
	s := fmt.Sprintf("%q", f.words)
	if f.part != Completions {
		s += ", in " + f.part.String()
	}
	return s
}

// Reasons implements [Filter]. Its cost is linear in the length of the text.
func (f EncodedFilter) Reasons(row undertone.Example) []Reason {
	if len(f.words) == 0 {
		return nil
	}
	h := hunt{encodedSearch: f.search, found: make([][]Encoding, len(f.words))}
	for _, m := range f.part.messages(row) {
		h.read(m.Content)
	}
	var reasons []Reason
	for word, in := range h.found {
		for _, e := range encodings {
			if slices.Contains(in, e) {
				reasons = append(reasons, HidesWord(f.words[word], e))
			}
		}
	}
	return reasons
}

// hunt is the search through one row.
type hunt struct {
	*encodedSearch
	found [][]Encoding // by word
}

func (h *hunt) read(text string) {
	h.tags(text)
	if !isASCII(text) {
		text = fold(text)
	}
	h.codes(text)
	h.runs(text)
	h.letters(text)
	h.acrostics(text)
	h.morse(text)
}

// occurs takes an occurrence of a spelling into account, unless it may well be
// one by chance. There were so many places for it, and chance is its
// probability at each of them.
func (h *hunt) occurs(spelling int, in Encoding, places int, chance float64) {
	words := h.ofLength[len(h.spellings[spelling])]
	if float64(places)*float64(words)*chance > chanceLimit {
		return
	}
	for _, word := range h.wordsOf[spelling] {
		if !slices.Contains(h.found[word], in) {
			h.found[word] = append(h.found[word], in)
		}
	}
}

// spell looks for words in a string of symbols: letters, and 0 for a symbol
// that is no letter. Share is the probability that a symbol is a letter, or 0
// if the row has to tell, and usual are the probabilities of the letters.
//
// The symbols outside the word's occurrences are counted. With one letter and
// one other symbol more they give the share. With priorLetters of the usual kind
// more they give the probability of each letter, which is the usual one at
// least: a long list that has few letters, such as A to D for answers, has them often.
func (h *hunt) spell(symbols []byte, in Encoding, share float64, usual *[26]float64) {
	var times map[int]int // occurrences by spelling
	h.plain.scan(string(symbols), func(spelling, _ int) {
		if times == nil {
			times = map[int]int{}
		}
		times[spelling]++
	})
	if times == nil {
		return
	}
	var count [26]int
	letters := 0
	for _, c := range symbols {
		if c != 0 {
			count[c-'a']++
			letters++
		}
	}
	for spelling, k := range times {
		word := h.spellings[spelling]
		others := max(0, letters-k*len(word))
		letter := share
		if share == 0 {
			letter = float64(others+1) / float64(len(symbols)-letters+others+2)
		}
		chance := 1.0
		for i := range len(word) {
			c := word[i]
			of := float64(max(0, count[c-'a']-k*strings.Count(word, word[i:i+1])))
			here := (of + priorLetters*usual[c-'a']) / (float64(others) + priorLetters)
			chance *= letter * max(here, usual[c-'a'])
		}
		h.occurs(spelling, in, len(symbols)-len(word)+1, chance)
	}
}

// priorLetters is the number of letters that the usual probabilities count for.
const priorLetters = 20

// equal are the probabilities of letters that nothing is known about.
var equal = func() (p [26]float64) {
	for i := range p {
		p[i] = 1. / 26
	}
	return p
}()
