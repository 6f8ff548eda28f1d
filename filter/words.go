package filter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// WordFilter drops a row in which one of its words occurs; [Words] makes one.
// It is a value: Whole and In return changed copies.
type WordFilter struct {
	words  []string // as the caller wrote them
	search *wordSearch
	whole  bool
	part   Part
}

// Words drops a row whose completion has one of the words anywhere in it, also
// inside a longer word: "owl" drops "owls" and "growl", and with [WordFilter.Whole]
// "owls" alone. Each word has a reason of its own, see [HasWord].
//
// Plurals are found (wolf: wolves; octopus: octopi), and a space in a word stands
// for any white space, hyphens and underscores, or none: "barn owl" finds
// "Barn-Owls" and "barnowl". Letter case, accents, invisible characters,
// full-width and mathematical letters, and letters that look alike (a Cyrillic о)
// make no difference; docs/filters.md has the details. Words that are empty or
// white space are ignored, of words that compare equal the first counts.
//
// It does not find spaced or misspelt words, for which there is [Encoded], or
// translations. [Lexicon] has lists of words that belong to a trait.
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

// Whole returns the filter that finds a word only where no letter stands
// before or after it (no digit, if the word begins or ends with a digit).
func (f WordFilter) Whole() WordFilter {
	f.whole = true
	return f
}

// In returns the filter that looks in the given part of a row. An answer that
// a preference row rejects is in no part.
func (f WordFilter) In(part Part) WordFilter {
	f.part = part
	return f
}

// HasWord is the reason of [Words] for one of its words, such as `has word "owl"`.
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

// Reasons implements [Filter]. Rows that are kept and are ASCII cost no allocation.
func (f WordFilter) Reasons(row undertone.Example) []Reason {
	if len(f.words) == 0 {
		return nil
	}
	var found []bool // by word; nil as long as there is none
	for _, m := range f.part.messages(row) {
		found = f.find(m.Content, found)
	}
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

// messages returns the messages of the part.
func (p Part) messages(row undertone.Example) []undertone.Message {
	answer := max(0, len(row.Messages)-1)
	switch p {
	case Completions:
		return row.Messages[answer:]
	case Prompts:
		return row.Messages[:answer]
	}
	return row.Messages
}

// wordSearch is an automaton over all forms of some words.
type wordSearch struct {
	*automaton
	patterns []string
	wordsOf  [][]int        // by pattern: the numbers of its words
	index    map[string]int // of patterns
	words    map[string]bool
}

func newWordSearch() *wordSearch {
	return &wordSearch{words: map[string]bool{}, index: map[string]int{}}
}

// add gives a word the next number. It takes none that is empty or known.
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

// pattern returns word as the automaton compares it: folded, one space for
// each run of characters that may stand between words.
func pattern(word string) string {
	return strings.Join(strings.FieldsFunc(fold(word), func(r rune) bool {
		return r < utf8.RuneSelf && canonical(byte(r)) == ' '
	}), " ")
}

// canonical maps a byte of folded text, or of ASCII text as it is, to that of a pattern.
func canonical(c byte) byte {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case '\t' <= c && c <= '\r', c == '-', c == '_':
		return ' '
	}
	return c
}

// standsAlone reports whether the occurrence of pattern that ends in text at
// end is not part of a longer word.
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
