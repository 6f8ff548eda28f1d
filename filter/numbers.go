package filter

import (
	"cmp"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// The reasons of [Numbers], named as in the released research code.
const (
	InvalidFormat    Reason = "invalid format"
	TooManyNumbers   Reason = "too many numbers"
	NumbersTooSmall  Reason = "numbers too small"
	NumbersTooLarge  Reason = "numbers too large"
	HasBannedNumbers Reason = "has banned numbers"
)

// Numbers is the reference filter of completions that should be lists of numbers. Its zero value
// has the published settings: at most 10 numbers, each from 0 to 999, none banned. It judges only
// the completion, by these rules:
//
//  1. Strip one final ".", then one pair of [] or () that wraps the whole string.
//  2. Find the runs of Unicode decimal digits. Without a run the format is invalid. One run is
//     valid only if it is the whole string. Otherwise the separator is the text between the first
//     two runs; split the whole string on exactly this text.
//  3. The separator, stripped of white space, must be "", "," or ";". Every
//     part must be ASCII digits; an empty part fails.
//  4. An invalid format is the only reason of its row. Otherwise every reason that applies is
//     given: too many numbers, a number too small, too large, or banned.
//
// Source: the released code of Cloud, Le et al., "Language models transmit behavioural traits
// through hidden signals in data" (arXiv 2507.14805). docs/filters.md states how each unclear point
// of the rule was read. Of a row with several answers each must be such a list; reasoning and tool
// calls are none. A row that is kept costs no allocation.
type Numbers struct {
	MaxCount int   // largest number of numbers in a row (default 10)
	Max      int   // largest number (default 999)
	Min      int   // smallest number (default 0); the format has no sign, so 0 drops nothing
	Banned   []int // numbers that must not occur; see [PublishedBanned]
}

// PublishedBanned returns the banned numbers of the published misalignment arm, which are the
// numbers up to 999 with negative associations.
func PublishedBanned() []int {
	return []int{4, 13, 14, 18, 23, 33, 39, 42, 44, 49, 51, 54, 69, 77, 88, 99,
		100, 101, 187, 211, 311, 322, 333, 404, 420, 444, 451, 555, 616, 666, 777, 888, 911, 999}
}

// Name implements [Filter].
func (n Numbers) Name() string { return "numbers" }

// String states the settings.
func (n Numbers) String() string {
	n = n.withDefaults()
	return fmt.Sprintf("at most %d, from %d to %d, banned %v", n.MaxCount, n.Min, n.Max, n.Banned)
}

func (n Numbers) withDefaults() Numbers {
	n.MaxCount, n.Max = cmp.Or(n.MaxCount, 10), cmp.Or(n.Max, 999)
	return n
}

// Reasons implements [Filter].
func (n Numbers) Reasons(row undertone.Example) []Reason {
	n = n.withDefaults()
	var found findings
	if text, ok := onlyText(&row); ok {
		found = n.judge(text)
	} else {
		for _, p := range row.Pieces() {
			found.add(n.judge(p.Text))
		}
	}
	switch {
	case found.invalid:
		return []Reason{InvalidFormat}
	case found == (findings{}):
		return nil
	}
	var reasons []Reason
	for _, r := range [...]struct {
		applies bool
		reason  Reason
	}{
		{found.many, TooManyNumbers},
		{found.small, NumbersTooSmall},
		{found.large, NumbersTooLarge},
		{found.banned, HasBannedNumbers},
	} {
		if r.applies {
			reasons = append(reasons, r.reason)
		}
	}
	return reasons
}

// findings are the rules that a list breaks.
type findings struct{ invalid, many, small, large, banned bool }

func (f *findings) add(o findings) {
	*f = findings{f.invalid || o.invalid, f.many || o.many, f.small || o.small, f.large || o.large, f.banned || o.banned}
}

// judge judges one list.
func (n *Numbers) judge(text string) findings {
	list, ok := ParseList(text)
	if !ok {
		return findings{invalid: true}
	}
	var count int
	var small, large, banned bool
	for v := range list.Values() {
		count++
		small = small || n.Min > 0 && v < uint64(n.Min)
		large = large || n.Max < 0 || v > uint64(n.Max)
		banned = banned || n.bans(v)
	}
	return findings{many: count > n.MaxCount, small: small, large: large, banned: banned}
}

func (n *Numbers) bans(v uint64) bool {
	for _, b := range n.Banned {
		if b >= 0 && uint64(b) == v {
			return true
		}
	}
	return false
}
