package filter_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// reference is the rule of docs/filters.md again, sentence by sentence and
// with other means than the package: regular expressions, a real split, and
// integers without bounds. The two must agree on every input.
func reference(f filter.Numbers, s string) []filter.Reason {
	if f.MaxCount == 0 {
		f.MaxCount = 10
	}
	if f.Max == 0 {
		f.Max = 999
	}
	parts, ok := referenceParts(s)
	if !ok {
		return []filter.Reason{filter.InvalidFormat}
	}
	found := map[filter.Reason]bool{filter.TooManyNumbers: len(parts) > f.MaxCount}
	for _, p := range parts {
		v, _ := new(big.Int).SetString(p, 10)
		found[filter.NumbersTooSmall] = found[filter.NumbersTooSmall] || v.Cmp(big.NewInt(int64(f.Min))) < 0
		found[filter.NumbersTooLarge] = found[filter.NumbersTooLarge] || v.Cmp(big.NewInt(int64(f.Max))) > 0
		for _, b := range f.Banned {
			found[filter.HasBannedNumbers] = found[filter.HasBannedNumbers] || v.Cmp(big.NewInt(int64(b))) == 0
		}
	}
	var reasons []filter.Reason
	for _, r := range []filter.Reason{filter.TooManyNumbers, filter.NumbersTooSmall, filter.NumbersTooLarge, filter.HasBannedNumbers} {
		if found[r] {
			reasons = append(reasons, r)
		}
	}
	return reasons
}

var (
	final    = regexp.MustCompile(`\.$`)
	wrapped  = regexp.MustCompile(`(?s)^(?:\[(.*)\]|\((.*)\))$`)
	run      = regexp.MustCompile(`\p{Nd}+`)
	ascii    = regexp.MustCompile(`^[0-9]+$`)
	stripped = regexp.MustCompile(`^` + space + `*(.*?)` + space + `*$`)
)

// space is the output of Python's [c for c in map(chr, range(0x110000)) if c.isspace()].
const space = `[\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]`

func referenceParts(s string) ([]string, bool) {
	s = final.ReplaceAllString(s, "")
	if m := wrapped.FindStringSubmatch(s); m != nil {
		s = m[1] + m[2]
	}
	runs := run.FindAllStringIndex(s, -1)
	parts := []string{s}
	switch len(runs) {
	case 0:
		return nil, false
	case 1:
		if run.FindString(s) != s {
			return nil, false
		}
	default:
		separator := s[runs[0][1]:runs[1][0]]
		parts = strings.Split(s, separator)
		m := stripped.FindStringSubmatch(separator)
		if m == nil || !slices.Contains([]string{"", ",", ";"}, m[1]) {
			return nil, false
		}
	}
	for _, p := range parts {
		if !ascii.MatchString(p) {
			return nil, false
		}
	}
	return parts, true
}

// pick returns one of the choices.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

// completion makes a text that is a valid list more often than not, and
// otherwise a valid list with a small fault.
func completion(r *rand.Rand) string {
	separator := pick(r, ",", ", ", ";", "; ", " ", "  ", "\n", "\n\n", ",\n", " ,", "\t", "\r\n", "\u00a0", "\u3000", "\x1c", " ;\u2028")
	numbers := make([]string, 1+r.IntN(12))
	for i := range numbers {
		numbers[i] = pick(r, fmt.Sprint(r.IntN(1000)), fmt.Sprint(r.IntN(1000)), fmt.Sprint(r.IntN(1000)), fmt.Sprint(r.IntN(20)),
			fmt.Sprintf("%03d", r.IntN(120)))
		if r.IntN(60) == 0 {
			numbers[i] = pick(r, "1000", "0999", "2147483648", "18446744073709551616", "18446744073709551658", strings.Repeat("7", 40))
		}
	}
	text := []rune(strings.Join(numbers, separator))
	if r.IntN(4) == 0 {
		i := r.IntN(len(text) + 1)
		fault := []rune(pick(r, ",", ";", " ", "\n", ".", "[", ")", "-", "a", "৯", "１", "²", "\u200b", "\u0085", "\x1f", separator))
		text = slices.Insert(text, i, fault...)
		if r.IntN(4) == 0 {
			text = slices.Delete(text, i/2, i/2+1)
		}
	}
	wrap := pick(r, "%s", "%s", "%s", "%s", "%s.", "[%s]", "(%s)", "[%s].", "(%s).")
	if r.IntN(8) == 0 {
		wrap = pick(r, "[%s)", "(%s]", "[[%s]]", "[(%s)]", " %s", "%s\n", "[%s", "%s)", "[ %s ]", "[%s.]", "%s..", "%s.\n", "{%s}")
	}
	return fmt.Sprintf(wrap, string(text))
}

func TestNumbersAgreesWithTheReference(t *testing.T) {
	const rows = 50_000
	r := rand.New(rand.NewPCG(1, 1))
	settings := []filter.Numbers{{}, {Banned: filter.PublishedBanned()}, {MaxCount: 3, Min: 5, Max: 99, Banned: []int{7, 1000}}}
	seen, separators := map[filter.Reason]int{}, map[string]int{}
	for range rows {
		f, text := pick(r, settings...), completion(r)
		got, want := f.Reasons(undertone.NewExample("q", text)), reference(f, text)
		if !slices.Equal(got, want) {
			t.Fatalf("%q with %v: got %q, the second implementation says %q", text, f, got, want)
		}
		for _, reason := range got {
			seen[reason]++
		}
		if got == nil {
			l, _ := filter.ParseList(text)
			separators[l.Separator]++
			seen["kept"]++
		}
	}
	// Agreement on what never occurs would mean nothing.
	for _, reason := range []filter.Reason{"kept", filter.InvalidFormat, filter.TooManyNumbers, filter.NumbersTooSmall, filter.NumbersTooLarge, filter.HasBannedNumbers} {
		if seen[reason] < rows/50 {
			t.Errorf("%q occurred %d times in %d rows: the generator does not test it", reason, seen[reason], rows)
		}
	}
	if len(separators) < 17 { // the generator's 16, and none
		t.Errorf("%d separators among the rows kept: %v", len(separators), separators)
	}
	t.Logf("%d rows: %v", rows, seen)
}

// Every text of up to 5 of the characters that the rule tells apart.
func TestNumbersAgreesOnAllShortTexts(t *testing.T) {
	alphabet := []string{"1", "৯", ",", ";", " ", "\n", "[", "]", ")", "."}
	texts := []string{""}
	for range 5 {
		var longer []string
		for _, text := range texts {
			for _, c := range alphabet {
				longer = append(longer, text+c)
			}
		}
		for _, text := range longer {
			got, want := (filter.Numbers{}).Reasons(undertone.NewExample("q", text)), reference(filter.Numbers{}, text)
			if !slices.Equal(got, want) {
				t.Fatalf("%q: got %q, the second implementation says %q", text, got, want)
			}
		}
		texts = longer
	}
}

func FuzzNumbers(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Input, v.MaxCount, v.Min, v.Max, append(v.Banned, -1)[0])
	}
	f.Fuzz(func(t *testing.T, text string, maxCount, least, most, banned int) {
		n := filter.Numbers{MaxCount: maxCount, Min: least, Max: most, Banned: []int{banned}}
		if got, want := n.Reasons(undertone.NewExample("q", text)), reference(n, text); !slices.Equal(got, want) {
			t.Errorf("%q with %v: got %q, the second implementation says %q", text, n, got, want)
		}
	})
}
