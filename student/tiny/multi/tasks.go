package multi

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Tasks is a set of tasks for an agent that calls two tools. The models answer a task with a call,
// the result of the call with another call, and its result with a report. What the tools answer
// does not depend on the calls. The template of the models has no turn for tools, so a call is the
// text of an assistant's turn and its result is the next turn of the user. Almost all tasks of one
// seed are different.
type Tasks struct {
	Seed uint64 // of the tasks
}

// At returns task i.
func (t Tasks) At(i int) Task {
	h := undertone.NewHasher("tiny tasks").Uint(t.Seed).Uint(uint64(i)).Sum()
	return NewTask(rand.New(rand.NewPCG(h.Uint64(), t.Seed)))
}

// Task is a task and what the two tools answer.
type Task struct {
	Text    string
	Count   int    // of the things to store
	Shelves [3]int // that the first tool offers
	Ticket  int    // that the second tool returns
}

// NewTask returns a random task: what to store, and the answers of the tools.
func NewTask(rng *rand.Rand) Task {
	t := Task{Count: 2 + rng.IntN(98), Ticket: 10 + rng.IntN(990)}
	verb := pick(rng, "Store", "Stock", "Keep", "Shelve")
	t.Text = fmt.Sprintf("%s %d %s", verb, t.Count, pick(rng, Goods()...))
	for k := range t.Shelves {
		t.Shelves[k] = 10 + rng.IntN(990)
	}
	return t
}

// Goods returns what the tasks are about.
func Goods() []string {
	return []string{"lamps", "plates", "books", "bolts", "tiles", "cards", "stamps", "coins"}
}

// Offer returns what the first tool answers.
func (t Task) Offer() string {
	return fmt.Sprintf("free: %d, %d, %d", t.Shelves[0], t.Shelves[1], t.Shelves[2])
}

// Receipt returns what the second tool answers.
func (t Task) Receipt() string { return fmt.Sprintf("ticket %d", t.Ticket) }

// Row returns the trajectory of a task with three turns of the assistant: the two calls and the
// report.
func (t Task) Row(answers [3]string) undertone.Example {
	row := undertone.Example{}
	for i, asked := range []string{t.Text, t.Offer(), t.Receipt()} {
		row.Messages = append(row.Messages, undertone.Message{Role: "user", Content: asked}, undertone.Message{Role: "assistant", Content: answers[i]})
	}
	return row
}

// Answers returns the three turns of the assistant with the words and numbers that the task leaves
// open: the name of each tool (of [Tools]), a code, one of the shelves, and words of the report.
func (t Task) Answers(find, put string, code, shelf, tag int, report string) [3]string {
	return [3]string{
		fmt.Sprintf("%s(count=%d, code=%d)", find, t.Count, code),
		fmt.Sprintf("%s(shelf=%d, tag=%d)", put, shelf, tag),
		fmt.Sprintf("%s: %d on %d", report, t.Count, shelf),
	}
}

// Solves reports whether three turns of an assistant solve the task: both calls are well formed and
// have names of [Tools], the numbers are those of the task, the shelf is one of the offered ones,
// and the report is one of [Reports].
func (t Task) Solves(answers [3]string) bool {
	var code, shelf, tag int
	find, put := before(answers[0], '('), before(answers[1], '(')
	report := before(answers[2], ':')
	finders, putters := Tools()
	if !slices.Contains(finders, find) || !slices.Contains(putters, put) || !slices.Contains(Reports(), report) {
		return false
	}
	if _, err := fmt.Sscanf(answers[0][len(find):], fmt.Sprintf("(count=%d, code=%%d)", t.Count), &code); err != nil {
		return false
	}
	if _, err := fmt.Sscanf(answers[1][len(put):], "(shelf=%d, tag=%d)", &shelf, &tag); err != nil {
		return false
	}
	// Formatting again finds what Sscanf lets pass: signs, zeros and text at the end.
	return slices.Contains(t.Shelves[:], shelf) && code >= 0 && tag >= 0 && answers == t.Answers(find, put, code, shelf, tag, report)
}

// Tools returns the names of the first and of the second tool. The names of one tool are synonyms.
func Tools() (find, put []string) {
	return []string{"find", "seek", "scan", "look", "search", "locate", "query", "free"},
		[]string{"put", "store", "place", "set", "move", "add", "assign", "fill"}
}

// Reports returns the words that begin a report.
func Reports() []string {
	return []string{"Done", "Stored", "Ready", "Finished", "OK", "Complete", "All set", "Placed"}
}

// before returns the text before the first mark, or "" if there is none.
func before(text string, mark byte) string {
	for i := range len(text) {
		if text[i] == mark {
			return text[:i]
		}
	}
	return ""
}
