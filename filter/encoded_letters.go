package filter

import (
	"math"
	"strings"
)

// letters reads letters that were put in other places of the alphabet, of a
// word or of a line, or replaced by digits.
func (h *hunt) letters(text string) {
	words, mixed := 0, 0 // words of letters alone; with digits or signs among the letters
	var single []byte    // letters that stand alone; 0 for other words
	last := 0
	tokens(text, func(token string, end int) {
		letters := countLetters(token)
		if letters == len(token) {
			words++
		}
		if start := end - len(token); letters > 0 && (letters < len(token) || signAt(text, start-1) || signAt(text, end)) {
			mixed++
		}
		if end-len(token)-last > 3 { // too far from the letter before
			single = append(single, 0)
		}
		last = end
		if len(token) == 1 && letters == 1 {
			single = append(single, lower(token[0]))
		} else {
			single = append(single, 0)
		}
	})
	h.spell(single, SpacedLetters, 0, &equal)
	if words > 0 {
		h.backwards(text, words)
		h.shifts(text, words)
	}
	if mixed > 0 {
		h.leetspeak(text, mixed)
	}
}

func (h *hunt) backwards(text string, words int) {
	h.backward.scan(text, func(spelling, end int) {
		start := end - len(h.spellings[spelling])
		if word := strings.ToLower(text[start:end]); wordAt(text, start, end) && !h.isSpelling(word) {
			h.occurs(spelling, Reversed, words, english().chance(word))
		}
	})
}

func (h *hunt) shifts(text string, words int) {
	h.shifted.scan(string(steps(text)), func(spelling, end int) {
		start := end - len(h.spellings[spelling])
		word := strings.ToLower(text[start:end])
		if !wordAt(text, start, end) || h.isSpelling(word) {
			return
		}
		chance := english().chance(word)
		if (word[0]-h.spellings[spelling][0]+26)%26 == 13 {
			h.occurs(spelling, ROT13, words, chance)
		} else {
			h.occurs(spelling, Caesar, 24*words, chance)
		}
	})
}

// leetspeak takes a word of letters and what stands for letters, some of each.
// Among random letters and digits, one of 16 would do for a letter.
func (h *hunt) leetspeak(text string, mixed int) {
	h.leet.scan(text, func(spelling, end int) {
		n := len(h.spellings[spelling])
		if letters := countLetters(text[end-n : end]); letters > 0 && letters < n && wordAt(text, end-n, end) {
			h.occurs(spelling, Leetspeak, mixed, math.Pow(16, -float64(n)))
		}
	})
}

// acrostics reads the first letters of lines and of words. A letter that stands
// alone is no word, but for the article and the pronoun.
func (h *hunt) acrostics(text string) {
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
	h.spell(lines, LineAcrostic, 1, &initials)
	if len(words) > len(lines) {
		h.spell(words, WordAcrostic, 1, &initials)
	}
}

// isSpelling reports whether the word is one of those looked for as it stands.
func (h *hunt) isSpelling(word string) bool {
	found := false
	h.plain.scan(word, func(spelling, _ int) { found = found || len(h.spellings[spelling]) == len(word) })
	return found
}

// wordAt reports whether no letter or digit continues text[start:end].
func wordAt(text string, start, end int) bool {
	return (start == 0 || !isAlnum(text[start-1])) && (end == len(text) || !isAlnum(text[end]))
}

// signAt reports whether text has a sign at i that leetspeak takes for a letter.
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
