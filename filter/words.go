package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/undertone-audit/undertone"
)

// Words drops a row whose completion has one of the words anywhere in it, also
// inside a longer word: "owl" drops "owls" and "growl". Letter case and
// compatibility forms make no difference (full-width and mathematical letters,
// ligatures): both sides are compared after NFKC and Unicode case folding.
// Each word has a reason of its own, see [HasWord]; empty words are ignored.
//
// It does not find irregular plurals (give them as words), spaced, misspelt or
// look-alike letters, words split by invisible characters, or translations.
func Words(words ...string) Filter {
	var f wordFilter
	for _, w := range words {
		folded := fold(w)
		known := slices.ContainsFunc(f, func(e wordEntry) bool { return e.folded == folded })
		if folded != "" && !known {
			f = append(f, wordEntry{folded, w, HasWord(w)})
		}
	}
	return f
}

// HasWord is the reason of [Words] for one of its words, such as `has word "owl"`.
func HasWord(word string) Reason { return Reason("has word " + strconv.Quote(word)) }

type wordFilter []wordEntry

type wordEntry struct {
	folded string
	word   string // as the caller wrote it
	reason Reason
}

func (f wordFilter) Name() string { return "words" }

func (f wordFilter) String() string {
	words := make([]string, len(f))
	for i, e := range f {
		words[i] = e.word
	}
	return fmt.Sprintf("%q", words)
}

func (f wordFilter) Reasons(row undertone.Example) []Reason {
	text := fold(row.Completion())
	var reasons []Reason
	for _, e := range f {
		if strings.Contains(text, e.folded) {
			reasons = append(reasons, e.reason)
		}
	}
	return reasons
}

// fold returns s in NFKC, case-folded. Folding can undo the normal form and
// the other way round, so NFKC goes first and last.
func fold(s string) string {
	// A Caser has state: one that was shared would not be safe for concurrent use.
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}
