package filter

import (
	"math"
	"strings"
)

// letters reads letters that are shifted in the alphabet, reversed, spaced, or replaced by digits.
func (s *encodedScan) letters(text string) {
	words, mixed := 0, 0 // words of letters only; words of letters and digits or signs
	var single []byte    // words of one letter; 0 for other words
	last := 0
	tokens(text, func(token string, end int) {
		letters := countLetters(token)
		if letters == len(token) {
			words++
		}
		if start := end - len(token); letters > 0 && (letters < len(token) || signAt(text, start-1) || signAt(text, end)) {
			mixed++
		}
		if end-len(token)-last > 3 { // too far from the letter before it
			single = append(single, 0)
		}
		last = end
		if len(token) == 1 && letters == 1 {
			single = append(single, lower(token[0]))
		} else {
			single = append(single, 0)
		}
	})
	s.spell(single, SpacedLetters, 0, &equal)
	if words > 0 {
		s.backwards(text, words)
		s.shifts(text, words)
	}
	if mixed > 0 {
		s.leetspeak(text, mixed)
	}
}

func (s *encodedScan) backwards(text string, words int) {
	s.backward.scan(text, func(spelling, end int) {
		start := end - len(s.spellings[spelling])
		if word := strings.ToLower(text[start:end]); wordAt(text, start, end) && !s.isSpelling(word) {
			s.occurs(spelling, Reversed, words, english().chance(word))
		}
	})
}

func (s *encodedScan) shifts(text string, words int) {
	s.shifted.scan(string(steps(text)), func(spelling, end int) {
		start := end - len(s.spellings[spelling])
		word := strings.ToLower(text[start:end])
		if !wordAt(text, start, end) || s.isSpelling(word) {
			return
		}
		chance := english().chance(word)
		if (word[0]-s.spellings[spelling][0]+26)%26 == 13 {
			s.occurs(spelling, ROT13, words, chance)
		} else {
			s.occurs(spelling, Caesar, 24*words, chance)
		}
	})
}

// leetspeak reads words of letters and of characters that replace letters. It needs at least one of
// each. A random letter or digit matches a given letter with a probability of about 1/16.
func (s *encodedScan) leetspeak(text string, mixed int) {
	s.leet.scan(text, func(spelling, end int) {
		n := len(s.spellings[spelling])
		if letters := countLetters(text[end-n : end]); letters > 0 && letters < n && wordAt(text, end-n, end) {
			s.occurs(spelling, Leetspeak, mixed, math.Pow(16, -float64(n)))
		}
	})
}

// acrostics reads the first letters of lines and of words. Single letters are no words, except a
// and I.
func (s *encodedScan) acrostics(text string) {
	var lines, words []byte
	for line := range strings.Lines(text) {
		first := true
		tokens(line, func(token string, _ int) {
			letter := lower(token[0])
			if !isLetter(letter) || len(token) == 1 && letter != 'a' && letter != 'i' {
				return
			}
			words = append(words, letter)
			if first {
				lines = append(lines, letter)
			}
			first = false
		})
	}
	s.spell(lines, LineAcrostic, 1, &initials)
	if len(words) > len(lines) {
		s.spell(words, WordAcrostic, 1, &initials)
	}
}

// isSpelling reports whether the word is itself one of the spellings.
func (s *encodedScan) isSpelling(word string) bool {
	found := false
	s.plain.scan(word, func(spelling, _ int) { found = found || len(s.spellings[spelling]) == len(word) })
	return found
}

// wordAt reports whether no letter or digit is next to text[start:end].
func wordAt(text string, start, end int) bool {
	return (start == 0 || !isAlnum(text[start-1])) && (end == len(text) || !isAlnum(text[end]))
}

// signAt reports whether text has a sign at i that leetspeak uses for a letter.
func signAt(text string, i int) bool {
	return i >= 0 && i < len(text) && strings.IndexByte("@$!|+", text[i]) >= 0
}

func countLetters(s string) int {
	n := 0
	for i := range len(s) {
		if isLetter(s[i]) {
			n++
		}
	}
	return n
}
