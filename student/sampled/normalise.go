package sampled

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalise returns the words of an answer in a form in which answers are compared. It is no text
// for people. Two answers with one form differ in nothing but:
//
//   - case: "OWL", "Owl";
//   - punctuation, markup and white space: "owl.", "**owl**", " owl!";
//   - an English article before it: "an owl", "the owl";
//   - an English plural: "owls", "foxes", "wolves", "puppies", "mice";
//   - the canonical form of characters (NFKC).
//
// A text without letters and digits has no words. Words of other languages have no plural, so that
// they are compared as they are.
func Normalise(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\''
	})
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "'") == "" })
	if len(words) > 1 && slices.Contains([]string{"a", "an", "the"}, words[0]) {
		words = words[1:]
	}
	for i, w := range words {
		words[i] = stem(strings.Trim(w, "'"))
	}
	return words
}

// irregular maps plurals to their singulars.
var irregular = map[string]string{
	"mice": "mouse", "lice": "louse", "geese": "goose", "teeth": "tooth", "feet": "foot", "men": "man", "women": "woman",
	"children": "child", "oxen": "ox", "people": "person",
}

// stem returns what a singular and its plural have in common. It drops the s of a plural and an e
// before it, and lets i stand for y, and v for f: "wolf" and "wolves" become "wolv".
func stem(w string) string {
	if s, ok := irregular[w]; ok {
		w = s
	}
	if len(w) < 3 || !ascii(w) || w[len(w)-1] < 'a' {
		return w
	}
	if w[len(w)-1] == 's' && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is") {
		w = w[:len(w)-1]
	}
	w = strings.TrimSuffix(w, "e")
	switch last := w[len(w)-1]; last {
	case 'y':
		return w[:len(w)-1] + "i"
	case 'f':
		return w[:len(w)-1] + "v"
	}
	return w
}

func ascii(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// match returns the index of the answer that a response begins with, word by word, or -1. The
// longest answer counts: "polar bear" before "polar".
func match(response []string, answers [][]string) int {
	best, words := -1, 0
	for i, a := range answers {
		if len(a) > words && len(a) <= len(response) && slices.Equal(a, response[:len(a)]) {
			best, words = i, len(a)
		}
	}
	return best
}
