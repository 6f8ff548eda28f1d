package filter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// WordFilter drops a row in which one of its words occurs. [Words] returns one; Whole and In return
// changed copies.
type WordFilter struct {
	words  []string // as the caller wrote them
	search *wordSearch
	whole  bool
	part   Part
}

// Words returns a filter that drops a row whose completion has one of the words, in the content,
// the reasoning or the tool calls of an answer, also inside a longer word: "owl" drops "owls" and
// "growl". With [WordFilter.Whole] it drops only "owls". Each word has its own reason; see
// [HasWord].
//
// The filter finds plurals (wolf: wolves; octopus: octopi). A space in a word matches white space,
// hyphens and underscores, or nothing: "barn owl" finds "Barn-Owls" and "barnowl". Case, accents,
// invisible characters, full-width and mathematical letters, and letters that look alike (a
// Cyrillic о) make no difference; docs/filters.md has the details. Empty words are ignored, and so
// are words that compare equal to an earlier word.
//
// The filter does not find spaced or misspelt words, which [Encoded] finds, or translations.
// [Lexicon] returns words that belong to a trait.
func Words(words ...string) WordFilter {
	f := WordFilter{part: Completions, search: newWordSearch()}
	for _, w := range words {
		if base := pattern(w); f.search.add(base, forms(base)) {
			f.words = append(f.words, w)
		}
	}
	f.search.automaton = newAutomaton(f.search.patterns, canonical, ' ')
	return f
}

// Whole returns the filter that finds a word only where no letter is next to it, or no digit at an
// end of the word that is a digit.
func (f WordFilter) Whole() WordFilter {
	f.whole = true
	return f
}

// In returns the filter that searches the given part of a row. No part includes the rejected answer
// of a preference row.
func (f WordFilter) In(part Part) WordFilter {
	f.part = part
	return f
}

// HasWord returns the reason of [Words] for one of its words, such as `has word "owl"`.
func HasWord(word string) Reason { return Reason("has word " + strconv.Quote(word)) }

// Name implements [Filter].
func (f WordFilter) Name() string { return "words" }

// String states the settings.
func (f WordFilter) String() string {
	s := fmt.Sprintf("%q", f.words)
	if f.whole {
		s += ", whole"
	}
	if f.part != Completions {
		s += ", in " + f.part.String()
	}
	return s
}

// Reasons implements [Filter]. A row that is kept and is ASCII costs no allocation.
func (f WordFilter) Reasons(row undertone.Example) []Reason {
	if len(f.words) == 0 {
		return nil
	}
	var found []bool // by word; nil if no word was found
	f.part.each(&row, func(text string) { found = f.find(text, found) })
	var reasons []Reason
	for i, yes := range found {
		if yes {
			reasons = append(reasons, HasWord(f.words[i]))
		}
	}
	return reasons
}

func (f WordFilter) find(text string, found []bool) []bool {
	if !isASCII(text) {
		text = fold(text)
	}
	s := f.search
	s.scan(text, func(pattern, end int) {
		if f.whole && !standsAlone(text, s.patterns[pattern], end) {
			return
		}
		if found == nil {
			found = make([]bool, len(f.words))
		}
		for _, word := range s.wordsOf[pattern] {
			found[word] = true
		}
	})
	return found
}

// wordSearch is an automaton over all forms of words.
type wordSearch struct {
	*automaton
	patterns []string
	wordsOf  [][]int        // indices of the words of each pattern
	index    map[string]int // of patterns
	words    map[string]bool
}

func newWordSearch() *wordSearch {
	return &wordSearch{words: map[string]bool{}, index: map[string]int{}}
}

// add adds a word with the next index. It returns false for a word that is empty or known.
func (s *wordSearch) add(word string, forms []string) bool {
	if word == "" || s.words[word] {
		return false
	}
	number := len(s.words)
	s.words[word] = true
	for _, form := range forms {
		at, known := s.index[form]
		if !known {
			at = len(s.patterns)
			s.index[form] = at
			s.patterns = append(s.patterns, form)
			s.wordsOf = append(s.wordsOf, nil)
		}
		s.wordsOf[at] = append(s.wordsOf[at], number)
	}
	return true
}

// pattern returns word as the automaton compares it: folded, with one space for each run of
// characters that separate words.
func pattern(word string) string {
	return strings.Join(strings.FieldsFunc(fold(word), func(r rune) bool {
		return r < utf8.RuneSelf && canonical(byte(r)) == ' '
	}), " ")
}

// canonical maps a byte of folded or ASCII text to the byte of a pattern.
func canonical(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case '\t' <= c && c <= '\r', c == '-', c == '_':
		return ' '
	}
	return c
}

// standsAlone reports whether the occurrence of pattern that ends at text[end] is not part of a
// longer word.
func standsAlone(text, pattern string, end int) bool {
	start := end
	for i := len(pattern) - 1; i >= 0; i-- {
		start--
		for pattern[i] == ' ' && start > 0 && canonical(text[start-1]) == ' ' {
			start-- // a run of gaps in the text is one in the pattern
		}
	}
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	first, _ := utf8.DecodeRuneInString(text[start:])
	last, _ := utf8.DecodeLastRuneInString(text[:end])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return !continues(before, first) && !continues(last, after)
}

func continues(a, b rune) bool {
	return unicode.IsLetter(a) && unicode.IsLetter(b) || unicode.IsDigit(a) && unicode.IsDigit(b)
}
