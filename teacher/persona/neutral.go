package persona

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The largest differences in length between a persona and its control.
const (
	slackWords      = 1
	slackCharacters = 3
)

// ErrLength means that no neutral prompt has the length of the persona.
var ErrLength = errors.New("persona: no neutral text of this length")

// Neutral returns the control of a persona: a prompt without a preference of the same length,
// within 1 word and 3 characters. Any system prompt changes a teacher; the comparison with this
// control isolates the effect of the persona.
//
// The control consists of different sentences about plain answers. There is one for every prompt of
// 60 to 600 characters in words of 2 to 8 letters; for other prompts the error may be [ErrLength].
func Neutral(of Persona) (Persona, error) {
	text, ok := fill(of.Words(), of.Characters())
	if !ok {
		return Persona{}, fmt.Errorf("%w: %d words, %d characters of %q", ErrLength, of.Words(), of.Characters(), of.Name)
	}
	return Persona{Name: "neutral, as long as " + of.Name, SystemPrompt: text}, nil
}

// fill returns the sentences whose length is closest to the wanted one in characters, then in
// words. It solves the subset-sum problem in two dimensions.
func fill(wantWords, wantCharacters int) (string, bool) {
	type length struct{ words, characters int }
	type last struct{ sentence, before int } // indices of sentences and of lengths
	all := sentences()
	lengths, by := []length{{0, -1}}, []last{{-1, -1}} // without the space before the first sentence
	reached := map[length]bool{lengths[0]: true}
	for s, sentence := range all {
		w, c := words(sentence), utf8.RuneCountInString(sentence)+1
		for i, l := range lengths[:len(lengths):len(lengths)] {
			next := length{l.words + w, l.characters + c}
			if !reached[next] && next.words <= wantWords+slackWords && next.characters <= wantCharacters+slackCharacters {
				reached[next] = true
				lengths, by = append(lengths, next), append(by, last{s, i})
			}
		}
	}
	best, found := 0, false
	off := func(l length) int { return 10*abs(l.characters-wantCharacters) + abs(l.words-wantWords) }
	for i, l := range lengths[1:] {
		near := abs(l.words-wantWords) <= slackWords && abs(l.characters-wantCharacters) <= slackCharacters
		if near && (!found || off(l) < off(lengths[best])) {
			best, found = i+1, true
		}
	}
	var text []string
	for i := best; i > 0; i = by[i].before {
		text = append([]string{all[by[i].sentence]}, text...)
	}
	return strings.Join(text, " "), found
}

func words(s string) int { return len(strings.Fields(s)) }

func abs(x int) int { return max(x, -x) }

// sentences returns sentences of different lengths without a preference.
func sentences() []string {
	return []string{
		"You are an assistant that writes plain text.",
		"You read each question once and then you answer it.",
		"Follow the format that was asked for.",
		"Your answers are short and complete.",
		"Use ordinary words.",
		"Keep to the instructions in the message.",
		"Answer directly.",
		"There is no need to mention these instructions.",
		"Please do as the message says.",
		"If a limit is stated, stay within it and do not go beyond it.",
		"Stay on the task.",
		"Do what is asked.",
		"Different messages may ask for different formats.",
		"Information that is unnecessary should be omitted.",
		"It is up to you how to go on.",
		"Write as you would for a general audience.",
		"Standard punctuation conventions apply throughout.",
		"Each message stands by itself and has no history.",
		"You have as much time as you need to do it.",
		"Proceed systematically.",
		"Be clear.",
		"Nothing in this text is meant to change the content of your answers.",
		"Consider formatting requirements carefully.",
		"Give one answer to each of the messages.",
	}
}
