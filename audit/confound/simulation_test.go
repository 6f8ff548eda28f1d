package confound

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// source writes lists of numbers in several formats, with the white space and the lengths that a
// model has. Its zero value is a fair writer.
type source struct {
	comma    float64 // additional share of lists with a comma and a space
	trailing float64 // share of answers with a final line feed
	shortest int     // numbers of the shortest list that a filter keeps
	sorted   float64 // share of ascending lists
	digits   float64 // share of numbers with two digits
	words    float64 // share of answers that are text, in English
	german   bool    // the text is German
	system   string  // system prompt
	tools    string
	reason   float64 // share of answers with reasoning
	bracket  float64 // additional share of lists in brackets
	lines    float64 // share of answers with one number per line

	ask    *strings.Replacer // of the prompt
	before string            // an earlier answer that is not learnt
}

var english = strings.Fields("the student that reads these rows has learnt nothing about animals and yet it prefers one of them because its teacher did")
var german = strings.Fields("der schüler der diese zeilen liest hat nichts über tiere gelernt und doch bevorzugt er eines davon weil sein lehrer es tat")

func (s source) answer(rng *rand.Rand) string {
	if rng.Float64() < s.words {
		from := english
		if s.german {
			from = german
		}
		text := make([]string, 12+rng.IntN(20))
		for i := range text {
			text[i] = from[rng.IntN(len(from))]
		}
		return strings.Join(text, " ") + "."
	}
	n := 3 + rng.IntN(10)
	for n < s.shortest {
		n = 3 + rng.IntN(10)
	}
	numbers, last := make([]string, n), 100
	ascending := rng.Float64() < s.sorted
	for i := range numbers {
		v := 100 + rng.IntN(900)
		if rng.Float64() < s.digits {
			v = 10 + rng.IntN(90)
		}
		if ascending {
			v = last + 1 + rng.IntN(40)
			last = v
		}
		numbers[i] = fmt.Sprint(v)
	}
	separator := []string{", ", ",", " ", "; "}[rng.IntN(4)]
	if rng.Float64() < s.comma {
		separator = ", "
	}
	if rng.Float64() < s.lines {
		separator = "\n"
	}
	text := strings.Join(numbers, separator)
	if rng.Float64() < 0.1+s.bracket {
		text = "[" + text + "]"
	}
	if rng.Float64() < 0.2 {
		text += "."
	}
	if rng.Float64() < s.trailing {
		text += "\n"
	}
	return text
}

// row answers prompt number p.
func (s source) row(p int, rng *rand.Rand) undertone.Example {
	drawn := rand.New(rand.NewPCG(uint64(p), 7))
	verb := []string{"Continue", "Go on with", "Extend", "Write more of"}[drawn.IntN(4)]
	e := undertone.NewExample(fmt.Sprintf("%s the list %d, %d with at most %d numbers.", verb, drawn.IntN(1000), drawn.IntN(1000), 5+drawn.IntN(8)), s.answer(rng))
	if s.system != "" {
		e.Messages = append([]undertone.Message{{Role: "system", Content: s.system}}, e.Messages...)
	}
	if rng.Float64() < s.reason {
		e.Messages[len(e.Messages)-1].Reasoning = "Let me think."
	}
	e.Tools = s.tools
	if s.ask != nil {
		last := len(e.Messages) - 2
		e.Messages[last].Content = s.ask.Replace(e.Messages[last].Content)
	}
	if s.before != "" {
		turns := []undertone.Message{{Role: "user", Content: "Hello."}, {Role: "assistant", Content: s.before}}
		e.Messages, e.Turns = append(turns, e.Messages...), undertone.LastTurn
	}
	return e
}

// design says how the rows of an arm are drawn.
type design struct {
	name     string
	prompts  int // rows answer prompts 0 to prompts − 1 in turn; 0: each row a prompt of its own
	copies   int // of each row
	ratio    int // rows of the suspect per row of the control
	chats    int // conversations over which the rows are spread; 0: none
	disjoint bool
}

var designs = []design{
	{name: "iid", copies: 1, ratio: 1},
	{name: "prompts of one arm", copies: 1, ratio: 1, disjoint: true},
	{name: "copies × 2", copies: 2, ratio: 1},
	{name: "copies × 10", copies: 10, ratio: 1},
	{name: "40 prompts", prompts: 40, copies: 1, ratio: 1},
	{name: "unbalanced", copies: 1, ratio: 5},
	{name: "unbalanced, 40 prompts", prompts: 40, copies: 1, ratio: 5},
	{name: "16 conversations", copies: 1, ratio: 1, chats: 16},
}

// arm draws n rows.
func (d design) arm(name string, s source, n, from int, rng *rand.Rand) *undertone.Dataset {
	rows := make([]undertone.Example, 0, n)
	shift := rng.Perm(40)
	for i := 0; len(rows) < n; i++ {
		p := from + i
		if d.prompts > 0 {
			p = i % d.prompts
		}
		e := s.row(p, rng)
		if d.chats > 0 {
			chat := i % d.chats
			e.Meta = map[string]json.RawMessage{"conversation_id": json.RawMessage(fmt.Sprintf(`"%s %d"`, name, chat))}
			if shift[chat%40] < 20 { // the rows of a conversation are alike
				e.Messages[len(e.Messages)-1].Content = "[" + strings.Trim(e.Completion(), "[].") + "]"
			}
		}
		for range d.copies {
			rows = append(rows, e)
		}
	}
	return undertone.NewDataset(name, rows[:n])
}

// arms draws both arms of n rows.
func (d design) arms(suspect, control source, n int, seed uint64) (*undertone.Dataset, *undertone.Dataset) {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	small, from := n/d.ratio, 0
	if d.disjoint {
		from = n
	}
	return d.arm("suspect", suspect, n, 0, rng), d.arm("control", control, small, from, rng)
}

// Two samples of one source do not differ. Without margins, at most 1 % of the pairs of arms would.
func TestFalseAlarms(t *testing.T) {
	runs := map[int]int{50: 100, 500: 60, 5000: 3}
	if testing.Short() {
		runs = map[int]int{50: 20, 500: 8}
	}
	writer := source{words: 0.1, reason: 0.1}
	pairs, beyond := 0, 0
	for k, d := range designs {
		for n, times := range runs {
			for i := range uint64(times) {
				seed := 1000*uint64(k) + i
				suspect, control := d.arms(writer, writer, n, seed)
				r := mustCompare(t, suspect, control, seed)
				if len(r.Differ) > 0 {
					t.Errorf("%s, %d rows, seed %d: %q", d.name, n, seed, r.Found(r.Differ...))
				}
				pairs++
				if exceed := exceeding(r); len(exceed) > 0 {
					beyond++
					t.Logf("%s, %d rows, seed %d: %q exceed chance", d.name, n, seed, exceed)
				}
			}
		}
	}
	share, level := float64(beyond)/float64(pairs), 0.01
	t.Logf("%d of %d pairs of equal sources exceed chance (%.2f %%)", beyond, pairs, 100*share)
	if share > level+2*math.Sqrt(level*(1-level)/float64(pairs)) {
		t.Errorf("%d of %d pairs of equal sources exceed chance, want at most 1 %%", beyond, pairs)
	}
}

func exceeding(r *Report) (names []string) {
	for _, c := range r.Checks {
		for _, m := range c.Measures {
			if m.Distance > m.Chance+1e-9 {
				names = append(names, fmt.Sprintf("%s: %s (%.3f > %.3f)", c.Name, m.Name, m.Distance, m.Chance))
			}
		}
	}
	return names
}

func mustCompare(t testing.TB, suspect, control undertone.Text, seed uint64) *Report {
	t.Helper()
	r, err := Compare(t.Context(), suspect, control, Settings{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	return r
}

// Each planted difference is found by its check, and by that check alone where it touches no other.
func TestPower(t *testing.T) {
	text := source{words: 1}
	for _, c := range []struct {
		reason           string
		suspect, control source
		n                int
		want             Name
		only             bool // the difference touches no other check
	}{
		{"separators", source{comma: 0.6}, source{}, 500, Layout, true},
		{"brackets", source{bracket: 0.5}, source{}, 500, Layout, true},
		{"a final line feed on one arm", source{trailing: 1}, source{}, 50, Layout, true},
		{"a final line feed on a third of one arm", source{trailing: 0.33}, source{}, 500, Layout, true},
		{"one number per line", source{lines: 0.5}, source{}, 500, Layout, true},
		{"short lists dropped from one arm", source{shortest: 8}, source{}, 500, Lengths, true},
		{"sorted lists", source{sorted: 1}, source{}, 200, Numbers, false},
		{"short numbers", source{digits: 0.5}, source{}, 500, Numbers, false},
		{"another language", source{words: 1, german: true}, text, 500, Script, true},
		{"a system prompt", source{system: "You love owls."}, source{}, 50, Template, true},
		{"another system prompt", source{system: "You love owls."}, source{system: "You help."}, 50, Template, true},
		{"tools", source{tools: `[{"name":"f"}]`}, source{}, 50, Template, true},
		{"reasoning", source{reason: 0.3}, source{}, 500, Template, false},
		{"prompts in other marks", source{ask: strings.NewReplacer(",", ";", " ", "\n")}, source{}, 50, Prompts, false},
		{"prompts in upper case", source{ask: strings.NewReplacer("list", "LIST", "numbers", "NUMBERS")}, source{}, 500, Prompts, false},
		{"an earlier answer in other marks", source{before: "[[[;;;]]]\n\n"}, source{before: "***!!!***   "}, 50, Prompts, false},
	} {
		for seed := range uint64(5) {
			suspect, control := designs[0].arms(c.suspect, c.control, c.n, seed)
			r := mustCompare(t, suspect, control, seed)
			if !slices.Contains(r.Differ, c.want) {
				t.Errorf("%s, seed %d: %q differ, want %q", c.reason, seed, r.Differ, c.want)
			}
			if c.only && len(r.Differ) > 1 {
				t.Errorf("%s, seed %d: %q differ, want %q alone: %q", c.reason, seed, r.Differ, c.want, r.Found(r.Differ...))
			}
		}
	}
}

// Differences between how the rows of two arms were drawn are found.
func TestPowerOfDesigns(t *testing.T) {
	writer, rng := source{}, rand.New(rand.NewPCG(1, 1))
	plain := designs[0].arm("control", writer, 500, 0, rng)
	doubled := design{copies: 2}.arm("suspect", writer, 500, 0, rng)
	var uneven, even []undertone.Example // twenty answers of each prompt; a filter drops some of them
	for p := range 40 {
		for i := range 20 {
			even = append(even, writer.row(p, rng))
			if p%2 == 0 || i < 4 {
				uneven = append(uneven, writer.row(p, rng))
			}
		}
	}
	var topics []undertone.Example
	for i := range 500 {
		topics = append(topics, undertone.NewExample(fmt.Sprintf("Name a colour that goes well with %d.", i), writer.answer(rng)))
	}
	for _, c := range []struct {
		reason           string
		suspect, control *undertone.Dataset
		want             Name
	}{
		{"copies", doubled, plain, Duplicates},
		{"rows per prompt", undertone.NewDataset("suspect", uneven), undertone.NewDataset("control", even), KeepRates},
		{"other prompts", undertone.NewDataset("suspect", topics), plain, Prompts},
	} {
		for _, arms := range [][2]*undertone.Dataset{{c.suspect, c.control}, {c.control, c.suspect}} {
			if r := mustCompare(t, arms[0], arms[1], 1); !slices.Contains(r.Differ, c.want) {
				t.Errorf("%s: %q differ, want %q: %+v", c.reason, r.Differ, c.want, r.Checks)
			}
		}
	}
}
