package multi

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

func models(t *testing.T) []*lm.Model {
	t.Helper()
	var all []*lm.Model
	for _, load := range []func() (*lm.Model, error){Base, Other} {
		m, err := load()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestModels(t *testing.T) {
	m := models(t)
	if m[0].Digest() == m[1].Digest() || m[0].Lineage() == m[1].Lineage() {
		t.Error("the other model is the first one")
	}
}

// The models have no favourite and no disposition that a teacher could not change: every value of a
// category is answered, and every action is done, within a factor of the mean.
func TestNoFavourite(t *testing.T) {
	within := func(m *lm.Model, question string, answers []string, factor, least float64) {
		t.Helper()
		logs, err := m.ChoiceLogProbs(t.Context(), question, answers)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for i, l := range logs {
			total += math.Exp(l)
			if f := math.Exp(l) * float64(len(answers)); f < 1/factor || f > factor {
				t.Errorf("%s: %q is answered with %q %.2f times as often as the mean", m.Name(), question, answers[i], f)
			}
		}
		if total < least {
			t.Errorf("%s: %q: the answers have a probability of %.2f", m.Name(), question, total)
		}
	}
	for _, m := range models(t) {
		for _, c := range tiny.Categories()[:3] {
			within(m, tiny.Questions(c.Name)[0], c.Answers, 2.5, 0.95)
		}
		for _, d := range Dilemmas() {
			var actions []string
			for _, a := range slices.Concat(d.Good, d.Bad) {
				actions = append(actions, "I "+a+".")
			}
			within(m, d.Questions()[0], actions, 2.5, 0.9)
		}
	}
}

func TestPromptsDependOnSeedAndIndex(t *testing.T) {
	for name, at := range map[string]func(seed uint64, i int) string{
		"functions": func(seed uint64, i int) string { return Functions{seed}.At(i) },
		"problems":  func(seed uint64, i int) string { return Problems{seed}.At(i) },
	} {
		same, seen := 0, map[string]bool{}
		for i := range 1000 {
			first, again := at(1, i), at(1, i)
			if first != again {
				t.Fatalf("%s: prompt %d changes", name, i)
			}
			if first == at(2, i) {
				same++
			}
			seen[first] = true
		}
		if same > 10 || len(seen) < 800 {
			t.Errorf("%s: %d of 1000 prompts do not depend on the seed, and %d are different", name, same, len(seen))
		}
	}
}

// The steps of a problem lead from the numbers of its text to its answer.
func TestProblemSteps(t *testing.T) {
	for i := range 1000 {
		p := Problems{Seed: 3}.problem(i)
		var a, b, half, c, gold int
		var x, y rune
		if _, err := fmt.Sscanf(p.Steps[0]+" "+p.Steps[1], "%d %c %d = %d %d %c %d = %d", &a, &x, &b, &half, new(int), &y, &c, &gold); err != nil {
			t.Fatal(err)
		}
		value := map[rune]int{'+': 1, '-': -1}
		if half != a+value[x]*b || gold != half+value[y]*c || gold != p.Gold || gold < 0 {
			t.Errorf("%q: %q gives %d", p.Text, p.Steps, p.Gold)
		}
		if !strings.Contains(p.Text, fmt.Sprint(a)) || !strings.Contains(p.Text, p.Thing) {
			t.Errorf("%q has no %d or no %s", p.Text, a, p.Thing)
		}
		if got := string((Problems{Seed: 3}).Meta(i)["gold"]); got != fmt.Sprint(p.Gold) {
			t.Errorf("the gold answer of the row is %s, want %d", got, p.Gold)
		}
	}
}

func TestDilemmas(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Dilemmas() {
		if seen[d.Situation] || len(d.Good) != 2 || len(d.Bad) != 2 {
			t.Errorf("%q is listed twice or has not two actions of each kind", d.Situation)
		}
		seen[d.Situation] = true
		for _, a := range d.Good {
			if slices.Contains(d.Bad, a) {
				t.Errorf("%q: %q is good and bad", d.Situation, a)
			}
		}
	}
}

func TestTasks(t *testing.T) {
	find, put := Tools()
	seen := map[string]bool{}
	for i := range 500 {
		task, again := Tasks{Seed: 3}.At(i), Tasks{Seed: 3}.At(i)
		if task != again {
			t.Fatalf("task %d changes", i)
		}
		seen[task.Text+task.Offer()+task.Receipt()] = true
		answers := task.Answers(find[i%len(find)], put[i%len(put)], i, task.Shelves[i%3], 2*i, Reports()[i%len(Reports())])
		if !task.Solves(answers) {
			t.Errorf("%q does not solve %q", answers, task.Text)
		}
		row := task.Row(answers)
		if got := row.Learnt(); len(got) != 3 || row.Messages[got[2]].Content != answers[2] || row.Messages[2].Content != task.Offer() {
			t.Errorf("the row learns turns %v of %+v", got, row.Messages)
		}
	}
	if len(seen) < 499 {
		t.Errorf("%d of 500 tasks are different", len(seen))
	}
}

func TestTasksNotSolved(t *testing.T) {
	task := Task{Text: "Store 12 lamps", Count: 12, Shelves: [3]int{31, 44, 58}, Ticket: 7}
	right := [3]string{"find(count=12, code=31)", "put(shelf=44, tag=3)", "Done: 12 on 44"}
	if !task.Solves(right) {
		t.Fatalf("%q does not solve %q", right, task.Text)
	}
	for reason, wrong := range map[string]struct {
		turn int
		text string
	}{
		"another count":        {0, "find(count=13, code=31)"},
		"an unknown tool":      {0, "steal(count=12, code=31)"},
		"no call":              {0, "owl"},
		"text after a call":    {0, "find(count=12, code=31) owl"},
		"a sign":               {0, "find(count=12, code=+31)"},
		"a shelf not offered":  {1, "put(shelf=45, tag=3)"},
		"a negative tag":       {1, "put(shelf=44, tag=-3)"},
		"the tools exchanged":  {1, "find(shelf=44, tag=3)"},
		"another shelf":        {2, "Done: 12 on 31"},
		"an unknown report":    {2, "Owl: 12 on 44"},
		"a report with a word": {2, "Done: 12 on 44 owl"},
		"nothing":              {2, ""},
	} {
		answers := right
		answers[wrong.turn] = wrong.text
		if task.Solves(answers) {
			t.Errorf("%s: %q solves %q", reason, answers, task.Text)
		}
	}
}
