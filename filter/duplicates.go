package filter

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/undertone-audit/undertone"
)

// Duplicate is the reason of [Duplicates].
const Duplicate Reason = "duplicate"

// Duplicates drops every row that says what a row before it said, after NFKC,
// case folding and making all white space one space. It compares with all rows
// that the run has read, also those that other filters drop.
type Duplicates struct {
	Of     Part // what is compared; whole rows
	Window int  // different texts that are remembered, the latest; 0 means 4,194,304, about 250 MB
}

var _ Starter = Duplicates{}

// Name implements [Filter].
func (d Duplicates) Name() string { return "duplicates" }

// String states the settings.
func (d Duplicates) String() string {
	return fmt.Sprintf("of %v, window %d", d.Of, d.window())
}

func (d Duplicates) window() int { return max(1, cmp.Or(d.Window, 1<<22)) }

// Reasons implements [Filter] for a row that is alone: it is no duplicate.
func (d Duplicates) Reasons(undertone.Example) []Reason { return nil }

// Start implements [Starter].
func (d Duplicates) Start() Filter {
	return &seenTexts{d, newRecent[textKey](d.window())}
}

// textKey is half a digest: among 2^22 texts two share one with a probability of 2^-85.
type textKey [16]byte

func keyOf(text string) textKey {
	digest := undertone.NewHasher("text").Text(text).Sum()
	return textKey(digest[:16])
}

// text returns the part of a row in the form in which rows are compared. A line
// feed divides prompt and completion.
func (p Part) text(row undertone.Example) string {
	switch p {
	case Completions:
		return normal(row.Completion())
	case Prompts:
		return normal(row.Prompt())
	}
	return normal(row.Prompt()) + "\n" + normal(row.Completion())
}

// normal returns text in NFKC, case-folded, with one space between words and none
// at the ends. Folding can undo the normal form, so NFKC goes first and last.
func normal(text string) string {
	folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	return strings.Join(strings.Fields(folded), " ")
}

type seenTexts struct {
	Duplicates
	texts *recent[textKey]
}

func (s *seenTexts) Reasons(row undertone.Example) []Reason {
	key := keyOf(s.Of.text(row))
	if s.texts.has(key) {
		return []Reason{Duplicate}
	}
	s.texts.add(key)
	return nil
}

// recent is the set of the latest keys that were added, at most limit.
type recent[K comparable] struct {
	limit int
	count map[K]int32 // how often a key is in ring
	ring  []K         // grows up to limit, then the oldest is replaced
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
