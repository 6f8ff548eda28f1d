package corpus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// row is a completion taken apart: what it says, free of how it was laid out,
// and how it was laid out. The prompt never becomes a feature.
type row struct {
	text    string // the completion, cut to the budget
	cut     bool   // there was more of it
	numbers []int  // its values where it is a list of numbers, else nil
	words   []string
	stream  string // the content as characters, in one layout for all rows
}

// maxValue bounds what counts as a number; a longer run of digits is text.
const maxValue = 1 << 30

// parse takes apart the first budget bytes of a completion.
func parse(completion string, budget int) row {
	text := completion
	if len(text) > budget {
		text = strings.ToValidUTF8(text[:budget], "")
	}
	r := row{text: text, cut: len(completion) > budget}
	if list, ok := filter.ParseList(text); ok {
		var canonical strings.Builder
		for v := range list.Values() {
			if v > maxValue {
				r.numbers = nil
				break
			}
			r.numbers = append(r.numbers, int(v))
			canonical.WriteString(strconv.FormatUint(v, 10))
			canonical.WriteByte(',')
		}
		if len(r.numbers) > 0 {
			r.stream = canonical.String()
			return r
		}
	}
	r.words = strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	r.stream = strings.Join(strings.Fields(text), " ")
	return r
}

// textBudget is how many bytes of completions are looked at in all.
const textBudget = 4 << 20

// budget returns how many bytes of each of n rows are looked at.
func budget(n int) int { return min(max(textBudget/max(n, 1), 64), 4096) }

// sample returns the rows of data that are looked at: all, or limit of them. Whole
// prompts are chosen by a hash, the same ones in both arms; within a prompt rows are
// chosen by what they are and not by where they stand.
func sample(data undertone.Text, limit int, seed uint64) []int {
	rows := make([]int, data.Len())
	for i := range rows {
		rows[i] = i
	}
	if len(rows) <= limit {
		return rows
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(mix(data.GroupID(a).Uint64(), seed), mix(data.GroupID(b).Uint64(), seed)),
			cmp.Compare(mix(data.RowID(a).Uint64(), seed), mix(data.RowID(b).Uint64(), seed)))
	})
	rows = rows[:limit]
	slices.Sort(rows)
	return rows
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014) over two words.
func mix(a, b uint64) uint64 {
	z := a ^ (b+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
