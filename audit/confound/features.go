package confound

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// features are what is compared of one row.
type features struct {
	list bool // the answer is a list of numbers

	format string             // of the answer without the white space around it
	space  string             // white space around the answer
	edges  string             // classes of the first and the last character
	marks  map[string]float64 // kinds of characters, as shares

	characters, items, lines float64 // of the answer without the white space around it
	promptCharacters         float64

	script  string
	letters map[string]float64 // of a text with enough letters, as shares

	digits  map[string]float64 // digits per number of a list, as shares
	order   string             // of a list: ascending, descending, constant, mixed
	repeats float64            // share of the numbers of a list that it has before
	copied  float64            // share of the numbers of a list that the prompt has
	step    float64            // mean distance between neighbours in a list, over the largest number
	spread  float64            // largest minus smallest number of a list, over the largest
	values  []uint64           // of a list

	system, tools, turns string
	reasoning, calls     bool

	words []string // different words of the prompt, digits masked

	contextMarks map[string]float64 // kinds of characters of the messages that are not learnt, as shares
	contextLines float64            // of these messages
}

// readBytes is the number of bytes of an answer and of a prompt whose characters are counted.
const readBytes = 4096

func featuresOf(e undertone.Example) *features {
	f := new(features)
	f.answer(e.Completion())
	f.template(e)
	f.prompt(e)
	f.context(e)
	return f
}

// answer describes the answer.
func (f *features) answer(text string) {
	inner := strings.TrimSpace(text)
	f.characters = float64(utf8.RuneCountInString(inner))
	at := strings.Index(text, inner)
	f.space = spaceClass(text[:at]) + "/" + spaceClass(text[at+len(inner):])
	f.lines = float64(strings.Count(inner, "\n") + 1)
	first, _ := utf8.DecodeRuneInString(inner)
	last, _ := utf8.DecodeLastRuneInString(inner)
	f.edges = "empty"
	if inner != "" {
		f.edges = characterClass(first) + " … " + characterClass(last)
	}
	if len(inner) > readBytes {
		inner = strings.ToValidUTF8(inner[:readBytes], "")
	}
	f.characterShares(inner)
	if list, ok := filter.ParseList(inner); ok {
		f.list, f.format = true, list.Layout()
		f.numbers(list)
		return
	}
	f.items = float64(len(strings.Fields(inner)))
	f.digits, f.order = map[string]float64{"no list": 1}, "no list"
	f.format = textFormat(inner)
}

// characterShares counts kinds of characters, scripts and letters.
func (f *features) characterShares(text string) {
	f.marks, f.letters = characterClasses(text), map[string]float64{}
	scripts := map[string]float64{}
	letters := 0.0
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		script := scriptOf(r)
		scripts[script]++
		if script == "Latin" {
			f.letters[string(unicode.ToLower(r))]++
		} else {
			f.letters[script]++
		}
	}
	f.script = "no letters"
	most := 0.0
	for name, n := range scripts {
		if n > most || n == most && name < f.script {
			f.script, most = name, n
		}
	}
	const enough = 40 // letters that show a language
	if letters < enough {
		f.letters = map[string]float64{"few letters": 1}
		return
	}
	scale(f.letters, letters)
}

// characterClasses returns the kinds of characters of a text, as shares.
func characterClasses(text string) map[string]float64 {
	if text == "" {
		return map[string]float64{"empty": 1}
	}
	shares := map[string]float64{}
	for _, r := range text {
		shares[characterClass(r)]++
	}
	scale(shares, float64(utf8.RuneCountInString(text)))
	return shares
}

func scale(shares map[string]float64, by float64) {
	for k := range shares {
		shares[k] /= by
	}
}

// scriptOf returns the script of a letter.
func scriptOf(r rune) string {
	if unicode.Is(unicode.Latin, r) {
		return "Latin"
	}
	for _, name := range scriptNames {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return "other"
}

var scriptNames = []string{"Han", "Cyrillic", "Arabic", "Devanagari", "Hiragana", "Katakana", "Hangul", "Greek", "Hebrew", "Thai", "Bengali", "Tamil"}

// characterClass names the kind of a character: ASCII punctuation and white space are kinds of
// their own.
func characterClass(r rune) string {
	switch {
	case '0' <= r && r <= '9':
		return "digit"
	case 'a' <= r && r <= 'z':
		return "lower case"
	case 'A' <= r && r <= 'Z':
		return "upper case"
	case r < utf8.RuneSelf:
		return plainName(string(r))
	case unicode.IsUpper(r):
		return "upper case"
	case unicode.IsLetter(r):
		return "lower case"
	case unicode.IsDigit(r):
		return "digit"
	}
	return "other"
}

// spaceClass names white space at one end of an answer.
func spaceClass(space string) string {
	switch {
	case space == "":
		return "none"
	case len(space) > 4:
		return "long"
	}
	return plainName(space)
}

// plainName names common characters, and returns others as they are.
func plainName(text string) string {
	switch text {
	case ",":
		return "comma"
	case ";":
		return "semicolon"
	case " ":
		return "space"
	case "\n":
		return "line feed"
	case "\t":
		return "tab"
	case ".":
		return "period"
	case `"`:
		return "quotation mark"
	case "'":
		return "apostrophe"
	}
	return text
}

// textFormat names the layout of a text that is no list of numbers: code, list items and headings,
// and the number of lines.
func textFormat(text string) string {
	kind := "text"
	switch {
	case text == "":
		return "empty"
	case strings.Contains(text, "```"):
		kind = "text with code"
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		kind = "brackets"
	case slices.ContainsFunc(strings.Split(text, "\n"), isItem):
		kind = "text with items"
	}
	switch lines := strings.Count(text, "\n") + 1; {
	case lines == 1:
		return kind + ", 1 line"
	case lines <= 5:
		return kind + ", 2 to 5 lines"
	}
	return kind + ", over 5 lines"
}

// isItem reports whether a line is an item of a list or a heading.
func isItem(line string) bool {
	line = strings.TrimSpace(line)
	for _, mark := range []string{"- ", "* ", "• ", "#", "|"} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	rest := strings.TrimLeft(line, "0123456789")
	return rest != line && (strings.HasPrefix(rest, ". ") || strings.HasPrefix(rest, ") "))
}

// numbers describes the structure of a list.
func (f *features) numbers(l filter.List) {
	f.digits = map[string]float64{}
	for v := range l.Values() {
		f.values = append(f.values, v)
	}
	n := float64(len(f.values))
	low, high := slices.Min(f.values), max(1, slices.Max(f.values))
	seen := map[uint64]bool{}
	up, down := true, true
	for i, v := range f.values {
		f.digits[strconv.Itoa(min(len(strconv.FormatUint(v, 10)), 6))+" digits"] += 1 / n
		if seen[v] {
			f.repeats += 1 / n
		}
		seen[v] = true
		if i == 0 {
			continue
		}
		last := f.values[i-1]
		up, down = up && v >= last, down && v <= last
		f.step += float64(max(v, last)-min(v, last)) / float64(high) / max(1, n-1)
	}
	f.items = n
	f.spread = float64(high-min(low, high)) / float64(high)
	f.order = orderOf(len(f.values), up, down)
}

// orderOf names the order of a list of n numbers that never fall, or never rise.
func orderOf(n int, up, down bool) string {
	switch {
	case n < 3:
		return "fewer than 3 numbers"
	case up && down:
		return "constant"
	case up:
		return "ascending"
	case down:
		return "descending"
	}
	return "mixed"
}

// template describes the chat around the answers.
func (f *features) template(e undertone.Example) {
	var turns strings.Builder
	learnt := e.Learnt()
	system := []string{}
	for i, m := range e.Messages {
		if m.Role == "system" || m.Role == "developer" {
			system = append(system, m.Content)
		}
		if i < 8 { // longer conversations differ in their number of messages
			fmt.Fprintf(&turns, "%.12s", m.Role)
			if slices.Contains(learnt, i) {
				turns.WriteString(" (learnt)")
			}
			turns.WriteString(", ")
		}
		f.reasoning = f.reasoning || m.Reasoning != ""
		f.calls = f.calls || len(m.ToolCalls) > 0
	}
	if n := len(e.Messages); n > 8 {
		fmt.Fprintf(&turns, "about %d messages, ", 1<<int(math.Log2(float64(n))))
	}
	if e.Rejected != "" {
		turns.WriteString("a rejected answer, ")
	}
	if e.Label != nil {
		fmt.Fprintf(&turns, "label %v, ", *e.Label)
	}
	f.turns = strings.TrimSuffix(turns.String(), ", ")
	f.system, f.tools = named("system prompt", strings.Join(system, "\n")), named("tools", e.Tools)
}

// named names a text that may be long.
func named(what, text string) string {
	if text == "" {
		return "no " + what
	}
	if len(text) > 60 {
		return fmt.Sprintf("%s…, %d bytes, %s", strings.ToValidUTF8(text[:40], ""), len(text), undertone.NewHasher(what).Text(text).Sum().Short())
	}
	return text
}

// prompt describes the prompt without its system prompt.
func (f *features) prompt(e undertone.Example) {
	asked, _ := e.Split()
	var parts []string
	for _, m := range asked {
		if m.Role != "system" && m.Role != "developer" {
			parts = append(parts, m.Text())
		}
	}
	text := strings.Join(parts, "\n")
	f.promptCharacters = float64(utf8.RuneCountInString(text))
	if len(text) > readBytes {
		text = strings.ToValidUTF8(text[:readBytes], "")
	}
	f.copied = shareOf(f.values, text)
	f.words = strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range f.words {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			f.words[i] = "#"
		}
	}
	slices.Sort(f.words)
	f.words = slices.Compact(f.words)
}

// context describes the layout of the messages that are not learnt, without system prompts: the
// questions, results of tools, and answers before the learnt one.
func (f *features) context(e undertone.Example) {
	learnt := e.Learnt()
	var parts []string
	for i, m := range e.Messages {
		if m.Role != "system" && m.Role != "developer" && !slices.Contains(learnt, i) {
			parts = append(parts, m.Text())
		}
	}
	text := strings.Join(parts, "\n")
	f.contextLines = float64(strings.Count(text, "\n") + 1)
	if len(text) > readBytes {
		text = strings.ToValidUTF8(text[:readBytes], "")
	}
	f.contextMarks = characterClasses(text)
}

// shareOf returns the share of the values that a text has.
func shareOf(values []uint64, text string) (share float64) {
	if len(values) == 0 {
		return 0
	}
	have := map[string]bool{}
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		have[run] = true
	}
	for _, v := range values {
		if have[strconv.FormatUint(v, 10)] {
			share += 1 / float64(len(values))
		}
	}
	return share
}
