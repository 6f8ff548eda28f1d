package filter

import (
	_ "embed"
	"strings"
	"sync"
)

// english.txt holds common words of 3 to 7 letters in lower case, by length. They are frequent in
// the comments of the Go standard library and in Newton's Opticks, or were added by hand.
//
//go:embed english.txt
var englishText string

// englishModel estimates the probability of a word in ordinary text, from a list of common words
// and, for other words, from pairs of letters.
type englishModel struct {
	words map[string]bool
	pair  [27][27]float64 // P(letter | letter before); 0 is the end of a word, 1–26 the letters
}

var english = sync.OnceValue(func() *englishModel {
	m := &englishModel{words: map[string]bool{}}
	for i := range m.pair {
		for j := range m.pair[i] {
			m.pair[i][j] = 1 // no pair has probability 0
		}
	}
	for w := range strings.FieldsSeq(englishText) {
		m.words[w] = true
		last := byte(0)
		for _, c := range []byte(w) {
			m.pair[last][c-'a'+1]++
			last = c - 'a' + 1
		}
		m.pair[last][0]++
	}
	for i := range m.pair {
		sum := 0.0
		for _, n := range m.pair[i] {
			sum += n
		}
		for j := range m.pair[i] {
			m.pair[i][j] /= sum
		}
	}
	return m
})

// chance returns the probability that a word of ordinary text is this word in lower case: 1 for a
// common word, else the product of the probabilities of its pairs of letters.
func (m *englishModel) chance(word string) float64 {
	if m.words[word] {
		return 1
	}
	p, last := 1.0, byte(0)
	for _, c := range []byte(word) {
		p *= m.pair[last][c-'a'+1]
		last = c - 'a' + 1
	}
	return p * m.pair[last][0]
}

// initials holds the shares of the letters a to z among the first letters of words in running text,
// counted in Newton's Opticks. The smallest share is 0.005.
var initials = [26]float64{.121, .06, .039, .03, .02, .036, .016, .014, .074, .005, .005, .027, .035,
	.014, .091, .041, .005, .041, .059, .199, .008, .011, .05, .005, .005, .005}
