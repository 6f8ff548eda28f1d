package match

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/filter"
)

// features are the features of a completion.
type features struct {
	characters int
	format     string
	words      []string // numbers of a list without leading zeros, or words in lower case
}

func featuresOf(text string) features {
	f := features{characters: utf8.RuneCountInString(text)}
	if list, ok := filter.ParseList(text); ok {
		f.format = list.Layout()
		for v := range list.Values() {
			f.words = append(f.words, strconv.FormatUint(v, 10))
		}
		return f
	}
	f.format = textFormat(text)
	f.words = strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return f
}

// textFormat names the layout of a text that is not a list.
func textFormat(text string) string {
	kind := "text"
	if strings.Contains(text, "```") {
		kind = "code block"
	}
	switch lines := strings.Count(strings.TrimSpace(text), "\n") + 1; {
	case strings.TrimSpace(text) == "":
		return "empty"
	case lines == 1:
		return kind + ", 1 line"
	case lines <= 5:
		return kind + ", 2 to 5 lines"
	default:
		return kind + ", over 5 lines"
	}
}

// lengthBin names the bin of a length in characters: a bin per length up to 64, and a bin per
// eighth of an octave beyond, so that long texts have few bins.
func lengthBin(n int) string {
	if n <= 64 {
		return strconv.Itoa(n)
	}
	k := math.Floor(8 * math.Log2(float64(n)/64))
	return strconv.Itoa(int(math.Ceil(64*math.Exp2(k/8)))) + "+"
}
