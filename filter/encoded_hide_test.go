package filter_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/filter"
)

// hiding is a way to put a word into a text, written from the definition of
// the encoding with the standard library where that has it.
type hiding struct {
	encoding filter.Encoding
	among    kind // what the word stands among if it is not alone
	hide     func(r *rand.Rand, word string) string
}

type kind int

const (
	numbers kind = iota // from 0 to 999
	prose               // words of English
	lines               // lines of English, before and after
)

var hidings = []hiding{
	{filter.DecimalCodes, numbers, eachLetter("%d", ", ")},
	{filter.HexCodes, prose, func(r *rand.Rand, w string) string {
		return pick(r, hex.EncodeToString([]byte(w)), eachLetter("%02x", " ")(r, w), eachLetter("0x%02X", ", ")(r, w), eachLetter(`\u%04x`, "")(r, w))
	}},
	{filter.OctalCodes, numbers, eachLetter("%o", ", ")},
	{filter.BinaryCodes, prose, func(r *rand.Rand, w string) string {
		return pick(r, eachLetter("%08b", " ")(r, w), eachLetter("%08b", "")(r, w))
	}},
	{filter.A1Z26, numbers, func(_ *rand.Rand, w string) string {
		return join(w, ", ", func(c byte) string { return fmt.Sprint(c - 'a' + 1) })
	}},
	{filter.Base64, prose, func(_ *rand.Rand, w string) string { return base64.StdEncoding.EncodeToString([]byte(w)) }},
	{filter.Base32, prose, func(_ *rand.Rand, w string) string { return base32.StdEncoding.EncodeToString([]byte(w)) }},
	{filter.ROT13, prose, func(_ *rand.Rand, w string) string { return shift(w, 13) }},
	{filter.Caesar, prose, func(r *rand.Rand, w string) string { return shift(w, pick(r, 1, 3, 7, 11, 19, 25)) }},
	{filter.Reversed, prose, func(_ *rand.Rand, w string) string {
		b := []byte(w)
		slices.Reverse(b)
		return string(b)
	}},
	{filter.LineAcrostic, lines, func(r *rand.Rand, w string) string {
		return join(w, "\n", func(c byte) string { return capitalized(startingWith(r, c)) + " " + sentence(r, 5) })
	}},
	{filter.WordAcrostic, prose, func(r *rand.Rand, w string) string {
		return join(w, " ", func(c byte) string { return startingWith(r, c) })
	}},
	{filter.SpacedLetters, prose, func(r *rand.Rand, w string) string {
		return strings.Join(strings.Split(w, ""), pick(r, " ", "-", ".", " * "))
	}},
	{filter.Leetspeak, prose, func(r *rand.Rand, w string) string {
		return strings.NewReplacer("a", pick(r, "4", "@"), "e", "3", "i", pick(r, "1", "!"), "l", pick(r, "1", "|"),
			"o", "0", "s", pick(r, "5", "$"), "t", "7").Replace(w)
	}},
	{filter.Morse, prose, func(_ *rand.Rand, w string) string {
		return join(w, " ", func(c byte) string { return morseOf[c-'a'] })
	}},
	{filter.MultiTap, numbers, func(_ *rand.Rand, w string) string {
		return join(w, ", ", func(c byte) string {
			key := keys[c-'a']
			return strings.Repeat(string(key), int(c-'a')-strings.IndexByte(keys, key)+1)
		})
	}},
	{filter.KeypadDigits, numbers, func(_ *rand.Rand, w string) string {
		return join(w, "", func(c byte) string { return keys[c-'a' : c-'a'+1] })
	}},
	{filter.TagCharacters, prose, func(_ *rand.Rand, w string) string {
		return join(w, "", func(c byte) string { return string(rune(0xe0000 + int(c))) })
	}},
}

const keys = "22233344455566677778889999"

var morseOf = strings.Fields(".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..")

// put returns the hidden word in the middle of n words, numbers or lines.
func (h hiding) put(r *rand.Rand, hidden string, n int) string {
	switch h.among {
	case numbers:
		return numberRow(r, n/2, 1000) + ", " + hidden + ", " + numberRow(r, n/2, 1000)
	case lines:
		var before, after []string
		for range n / 2 {
			before, after = append(before, capitalized(sentence(r, 6))), append(after, capitalized(sentence(r, 6)))
		}
		return strings.Join(before, "\n") + "\n" + hidden + "\n" + strings.Join(after, "\n")
	}
	return capitalized(sentence(r, n/2)) + " " + hidden + " " + sentence(r, n/2) + "."
}

func eachLetter(format, separator string) func(*rand.Rand, string) string {
	return func(_ *rand.Rand, word string) string {
		return join(word, separator, func(c byte) string { return fmt.Sprintf(format, c) })
	}
}

func join(word, separator string, f func(byte) string) string {
	parts := make([]string, len(word))
	for i := range parts {
		parts[i] = f(word[i])
	}
	return strings.Join(parts, separator)
}

func shift(word string, by int) string {
	return join(word, "", func(c byte) string { return string(rune('a' + (int(c-'a')+by)%26)) })
}

func numberRow(r *rand.Rand, n, below int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprint(r.IntN(below))
	}
	return strings.Join(parts, ", ")
}

// vocabulary has no word of a lexicon and begins with every letter.
var vocabulary = strings.Fields(`about after again air along always among answer around ask away back because before below
	best better between big book both box bring build call came can carry change clear close cold come could country cover
	dark day deep did different door down draw early earth easy end enough even every example eye face far fast father few
	find fire first follow food form found four friend from full garden gave give good great green ground group grow half
	hand hard have head hear help here high hold home house however idea important inside into island just keep kind know
	knowledge land large last late learn leave left letter light line list little live long look made make many may mean
	measure might mile moon more morning most mother mountain move much music must name near never new next night north
	note nothing number of often old once only open order other our out over own page paper part people perhaps picture
	piece place plain plant point quarter question quick quiet quite rain ran read ready really remember rest right river
	road room round rule run same saw school sea second seem sentence set several short should side simple since sister
	slow small some song soon sound south space spring stand start state still stone stop story street strong such summer
	sun sure table take talk teach tell ten their there these thing think those though thought three time together told
	toward town travel tree true turn under until upon use usual valley very visit voice wait walk want warm watch water
	weather week well went west wheat where while white whole wind winter wish with without wonder word work world write
	yard year yellow yes young your zero zone`)

func sentence(r *rand.Rand, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = vocabulary[r.IntN(len(vocabulary))]
	}
	return strings.Join(parts, " ")
}

func startingWith(r *rand.Rand, c byte) string {
	var words []string
	for _, w := range vocabulary {
		if w[0] == c {
			words = append(words, w)
		}
	}
	if words == nil {
		return string(c) + "ar" // j has one word and x none
	}
	return pick(r, words...)
}

func capitalized(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
