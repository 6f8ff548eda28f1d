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

// row is a parsed completion. It holds the content in one layout for all rows, and the text with
// its own layout.
type row struct {
	text    string // the completion with its white space, cut to the byte budget
	cut     bool   // the completion is longer than text
	numbers []int  // values of a list of numbers; nil for other text
	words   []string
	stream  string // the content as characters, in one layout for all rows
}

// maxValue is the largest number. A longer run of digits is text.
const maxValue = 1 << 30

// parse parses the first budget bytes of a completion. White space around it belongs to the layout,
// not to the content, and does not count.
func parse(completion string, budget int) row {
	text := strings.TrimSpace(completion)
	space := completion[:strings.Index(completion, text)]
	after := completion[len(space)+len(text):]
	r := row{cut: len(text) > budget}
	if r.cut {
		text = strings.ToValidUTF8(text[:budget], "")
	}
	r.text = clip(space) + text + clip(after)
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

// clip returns at most 64 bytes of white space.
func clip(space string) string { return strings.ToValidUTF8(space[:min(len(space), 64)], "") }

// textBudget is the number of bytes of all completions that are read.
const textBudget = 4 << 20

// byteBudget returns how many bytes of each of n completions are read, in [64, 4096].
func byteBudget(n int) int { return min(max(textBudget/max(n, 1), 64), 4096) }

// sampleRows returns the indices of all rows of data, or of limit rows. Rows in which no turn is
// learnt are left out. A hash selects whole prompts, and the same prompts in both arms. Within a
// prompt it selects rows by their content, whatever their order.
func sampleRows(data undertone.Text, limit int, seed uint64) []int {
	var first []candidate // the smallest so far, and up to as many more
	for i := range data.Len() {
		if e := data.Example(i); len(e.Messages) > 0 && len(e.Learnt()) == 0 {
			continue
		}
		first = append(first, candidate{mix(data.GroupID(i).Uint64(), seed), mix(data.RowID(i).Uint64(), seed), i})
		if len(first) == 2*limit {
			slices.SortFunc(first, candidate.compare)
			first = first[:limit]
		}
	}
	if len(first) > limit {
		slices.SortFunc(first, candidate.compare)
		first = first[:limit]
	}
	rows := make([]int, len(first))
	for i, c := range first {
		rows[i] = c.row
	}
	slices.Sort(rows)
	return rows
}

// candidate is a row that may be in a sample: the hashes of its prompt and of its content, and its
// index. A sample holds the smallest.
type candidate struct {
	prompt, content uint64
	row             int
}

func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.prompt, d.prompt), cmp.Compare(c.content, d.content), cmp.Compare(c.row, d.row))
}

// mix hashes two words with the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(a, b uint64) uint64 {
	z := a ^ (b+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
