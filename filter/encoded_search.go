package filter

import (
	"slices"
	"strings"
)

// encodedSearch holds the spellings of words and automata that find them in encoded text.
type encodedSearch struct {
	spellings []string // of the letters a to z, with at least minSpelling letters
	wordsOf   [][]int  // the words of each spelling
	ofLength  []int    // number of spellings by length

	plain    *automaton // of spellings
	backward *automaton // of reversed spellings
	leet     *search    // of spellings in leetspeak; see leetLetter
	shifted  *search    // of the distances between adjacent letters; see steps
	keypad   *search    // of digits; see keypadDigit
}

// search finds patterns, which several spellings may share.
type search struct {
	*automaton
	spellingsOf [][]int // by pattern
}

// minSpelling is the length of the shortest words. Two letters occur too often by chance.
const minSpelling = 3

// spellings returns the word and its forms in the letters a to z. It returns "" and nil if the word
// is too short, repeats one letter, or has other characters.
func spellings(word string) (base string, all []string) {
	for _, form := range forms(pattern(word)) {
		letters := strings.Map(func(r rune) rune {
			switch {
			case r == ' ', r == '\'', r == '.', r == ',':
				return -1
			}
			return r
		}, form)
		if len(letters) < minSpelling || strings.Trim(letters, letters[:1]) == "" || strings.ContainsFunc(letters, func(r rune) bool { return r < 'a' || r > 'z' }) {
			return "", nil
		}
		if !slices.Contains(all, letters) {
			all = append(all, letters)
		}
	}
	return all[0], all
}

func newEncodedSearch(spellings []string, wordsOf [][]int) *encodedSearch {
	s := &encodedSearch{spellings: spellings, wordsOf: wordsOf}
	reversed := make([]string, len(spellings))
	for i, w := range spellings {
		letters := []byte(w)
		slices.Reverse(letters)
		reversed[i] = string(letters)
		for len(s.ofLength) <= len(w) {
			s.ofLength = append(s.ofLength, 0)
		}
		s.ofLength[len(w)]++
	}
	s.plain = newAutomaton(spellings, lower, 0)
	s.backward = newAutomaton(reversed, lower, 0)
	s.leet = newSearch(spellings, func(w string) string { return mapBytes(w, leetLetter) }, leetLetter)
	s.shifted = newSearch(spellings, func(w string) string { return string(steps(w)[1:]) }, same)
	s.keypad = newSearch(spellings, func(w string) string { return mapBytes(w, keypadDigit) }, same)
	return s
}

func newSearch(spellings []string, encode func(string) string, canon func(byte) byte) *search {
	s := &search{}
	index := map[string]int{}
	var patterns []string
	for i, w := range spellings {
		p := encode(w)
		at, known := index[p]
		if !known {
			at = len(patterns)
			index[p] = at
			patterns = append(patterns, p)
			s.spellingsOf = append(s.spellingsOf, nil)
		}
		s.spellingsOf[at] = append(s.spellingsOf[at], i)
	}
	s.automaton = newAutomaton(patterns, canon, 0)
	return s
}

// scan calls hit for every occurrence of a spelling, with the index after its last byte.
func (s *search) scan(text string, hit func(spelling, end int)) {
	s.automaton.scan(text, func(pattern, end int) {
		for _, spelling := range s.spellingsOf[pattern] {
			hit(spelling, end)
		}
	})
}

func same(c byte) byte { return c }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func mapBytes(s string, f func(byte) byte) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = f(c)
	}
	return string(b)
}

// steps returns the distance of each letter of text from the letter before it, 1 to 26. Shifts of
// the alphabet do not change it. It is 0 if one of the two is no letter.
func steps(text string) []byte {
	all := make([]byte, len(text))
	for i := 1; i < len(text); i++ {
		if a, b := lower(text[i-1]), lower(text[i]); isLetter(a) && isLetter(b) {
			all[i] = (b-a+26)%26 + 1
		}
	}
	return all
}

// leetLetter maps all characters that leetspeak uses for one letter to one of them.
func leetLetter(c byte) byte {
	switch c = lower(c); c {
	case '0':
		return 'o'
	case '1', '!', '|', 'i': // both i and l
		return 'l'
	case '2':
		return 'z'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '6', '9':
		return 'g'
	case '7', '+':
		return 't'
	case '8':
		return 'b'
	}
	return c
}

// keypadDigit returns the key of a letter a to z on a telephone.
func keypadDigit(c byte) byte { return "22233344455566677778889999"[c-'a'] }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool { return isLetter(c) || isDigit(c) }
