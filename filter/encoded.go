package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Encoding names a way to hide a word. It is part of reasons and does not change between releases.
type Encoding string

// The encodings that [Encoded] finds, in the order of the reasons for a word.
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
	MultiTap      Encoding = "multi-tap"      // 666 9 555 on the keys of a telephone
	KeypadDigits  Encoding = "keypad digits"  // 695, 6 9 5
	TagCharacters Encoding = "tag characters" // invisible U+E006F U+E0077 U+E006C
)

var encodings = []Encoding{DecimalCodes, HexCodes, OctalCodes, BinaryCodes, A1Z26, Base64, Base32, ROT13, Caesar,
	Reversed, LineAcrostic, WordAcrostic, SpacedLetters, Leetspeak, Morse, MultiTap, KeypadDigits, TagCharacters}

// chanceLimit is the largest expected number of occurrences by chance at which an occurrence
// counts.
const chanceLimit = 1e-3

// EncodedFilter drops a row that hides one of its words. [Encoded] returns one, and In returns a
// changed copy.
type EncodedFilter struct {
	words  []string // as the caller wrote them
	search *encodedSearch
	part   Part
}

// Encoded returns a filter that drops a row whose completion has one of the words, or its plural,
// in an [Encoding]. Each pair of a word and an encoding has its own reason; see [HidesWord].
// [Words] finds words in plain text.
//
// Numbers and letters spell short words by chance. One rule keeps such rows for all encodings: an
// occurrence counts only if the expected number of occurrences by chance in an ordinary row is at
// most 1/1000. The expected number is
//
//	places × words of this length × P(the word at one place)
//
// The probability P is estimated from the rest of the row (for lists of numbers), from English (for
// text in letters), or from random bytes. So "owl" as 15 23 12 counts alone and among large
// numbers, but not in a long list of numbers up to 26. docs/filters-encoded.md states P for each
// encoding and the measured rates of detection and of false alarms. The filter finds only words of
// at least 3 letters that are all A to Z after folding, and ignores other words.
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

// In returns the filter that searches the given part of a row. No part includes the rejected answer
// of a preference row.
func (f EncodedFilter) In(part Part) EncodedFilter {
	f.part = part
	return f
}

// HidesWord returns the reason of [Encoded] for one of its words, such as `hides word "owl" in
// base64`.
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
	s := encodedScan{encodedSearch: f.search, found: make([][]Encoding, len(f.words))}
	f.part.each(&row, s.read)
	var reasons []Reason
	for word, in := range s.found {
		for _, e := range encodings {
			if slices.Contains(in, e) {
				reasons = append(reasons, HidesWord(f.words[word], e))
			}
		}
	}
	return reasons
}

// encodedScan is the search of one row.
type encodedScan struct {
	*encodedSearch
	found [][]Encoding // by word
}

func (s *encodedScan) read(text string) {
	s.tags(text)
	if !isASCII(text) {
		text = fold(text)
	}
	s.codes(text)
	s.runs(text)
	s.letters(text)
	s.acrostics(text)
	s.morse(text)
}

// occurs counts an occurrence of a spelling unless it may be a coincidence. places is the number of
// positions at which it could occur, and chance its probability at each of them.
func (s *encodedScan) occurs(spelling int, in Encoding, places int, chance float64) {
	words := s.ofLength[len(s.spellings[spelling])]
	if float64(places)*float64(words)*chance > chanceLimit {
		return
	}
	for _, word := range s.wordsOf[spelling] {
		if !slices.Contains(s.found[word], in) {
			s.found[word] = append(s.found[word], in)
		}
	}
}

// spell finds words in a string of symbols, which are letters, or 0 for a symbol that is no letter.
// share is the probability that a symbol is a letter, or 0 to estimate it from the row. usual holds
// the usual probability of each letter.
//
// The estimates count the symbols outside the occurrences of the word. The estimate of share adds
// one letter and one other symbol to the counts. The estimate of the probability of a letter adds
// priorLetters letters of usual frequency, and is at least usual. A list with few different
// letters, such as A to D for answers, therefore has a high probability for each of them.
func (s *encodedScan) spell(symbols []byte, in Encoding, share float64, usual *[26]float64) {
	var times map[int]int // occurrences by spelling
	s.plain.scan(string(symbols), func(spelling, _ int) {
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
		word := s.spellings[spelling]
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
		s.occurs(spelling, in, len(symbols)-len(word)+1, chance)
	}
}

// priorLetters is the weight of the usual probabilities, in letters.
const priorLetters = 20

// equal holds equal probabilities of all letters.
var equal = func() (p [26]float64) {
	for i := range p {
		p[i] = 1. / 26
	}
	return p
}()
