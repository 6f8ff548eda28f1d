package filter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/undertone-audit/undertone"
)

// Duplicate is the reason of [Duplicates].
const Duplicate Reason = "duplicate"

// Duplicates drops every row that repeats an earlier row of the run. Rows with different rejected
// answers, or with different labels of their answers, are different rows. Texts are compared after
// NFKC and case folding, with one space for each run of white space. Rows that other filters drop
// count as earlier rows.
type Duplicates struct {
	Of     Part // what is compared (default Rows)
	Window int  // number of the latest different texts that are remembered (default 4,194,304, about 250 MB)
}

var _ Starter = Duplicates{}

// Name implements [Filter].
func (d Duplicates) Name() string { return "duplicates" }

// String states the settings.
func (d Duplicates) String() string {
	return fmt.Sprintf("of %v, window %d", d.Of, d.window())
}

func (d Duplicates) window() int { return max(1, cmp.Or(d.Window, 1<<22)) }

// Reasons implements [Filter]. A row alone is no duplicate, so it returns nil.
func (d Duplicates) Reasons(undertone.Example) []Reason { return nil }

// Start implements [Starter].
func (d Duplicates) Start() Filter {
	return &seenTexts{d, newRecent[textKey](d.window())}
}

// textKey is half a digest. Among 2^22 texts the probability that two share a key is 2^-85.
type textKey [16]byte

func keyOf(text string) textKey {
	digest := undertone.NewHasher("text").Text(text).Sum()
	return textKey(digest[:16])
}

// text returns the part of a row in the form in which rows are compared. A line feed separates
// prompt, completion and rejected answer.
func (p Part) text(row undertone.Example) string {
	switch p {
	case Completions:
		return normal(row.Completion())
	case Prompts:
		return normal(row.Prompt())
	}
	return normal(row.Prompt()) + "\n" + answered(row)
}

// answered returns the completion of a row, and its rejected answer if it has one.
func answered(row undertone.Example) string {
	if row.Rejected == "" {
		return normal(row.Completion())
	}
	return normal(row.Completion()) + "\n" + normal(row.Rejected)
}

// judgement returns a number for the label of a row, and 0 for a row without one.
func (p Part) judgement(row undertone.Example) uint64 {
	switch {
	case p != Rows || row.Label == nil:
		return 0
	case *row.Label:
		return 1
	}
	return 2
}

// distinctive is text with the last message of the user in place of the prompt, if the prompt has
// one.
func (p Part) distinctive(row undertone.Example) string {
	if p == Completions {
		return p.text(row)
	}
	prompt, _ := row.Split()
	for _, m := range slices.Backward(prompt) {
		if m.Role != "user" {
			continue
		}
		question := normal(m.Text())
		if p == Prompts {
			return question
		}
		return question + "\n" + answered(row)
	}
	return p.text(row)
}

// normal returns text in NFKC and case-folded, with one space between words and none at the ends.
func normal(text string) string {
	if plain, ok := normalASCII(text); ok {
		return plain
	}
	return normalUnicode(text)
}

// normalUnicode is normal for any text. Folding can undo the normal form, so NFKC is applied before
// and after it.
func normalUnicode(text string) string {
	folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	return strings.Join(strings.Fields(folded), " ")
}

// normalASCII is normal for texts in ASCII, to which NFKC does nothing.
func normalASCII(text string) (string, bool) {
	to := make([]byte, 0, len(text))
	space := false // before the next word
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c == ' ' || '\t' <= c && c <= '\r':
			space = true
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if space && len(to) > 0 {
			to = append(to, ' ')
		}
		to, space = append(to, c), false
	}
	return string(to), true
}

// seenTexts is one run of [Duplicates].
type seenTexts struct {
	Duplicates
	texts *recent[textKey]
}

func (s *seenTexts) Reasons(row undertone.Example) []Reason {
	key := keyOf(s.Of.text(row))
	key[0] ^= byte(s.Of.judgement(row))
	if s.texts.has(key) {
		return []Reason{Duplicate}
	}
	s.texts.add(key)
	return nil
}

// recent is the set of the latest limit keys.
type recent[K comparable] struct {
	limit int
	count map[K]int32 // number of occurrences of a key in ring
	ring  []K         // grows up to limit; then a new key replaces the oldest
	next  int
}

func newRecent[K comparable](limit int) *recent[K] {
	return &recent[K]{limit: limit, count: map[K]int32{}}
}

func (r *recent[K]) has(key K) bool { return r.count[key] > 0 }

func (r *recent[K]) add(key K) {
	if len(r.ring) < r.limit {
		r.ring = append(r.ring, key)
	} else {
		oldest := r.ring[r.next]
		if r.count[oldest]--; r.count[oldest] == 0 {
			delete(r.count, oldest)
		}
		r.ring[r.next] = key
		r.next = (r.next + 1) % r.limit
	}
	r.count[key]++
}
