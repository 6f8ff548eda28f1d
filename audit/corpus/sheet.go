package corpus

import (
	"github.com/undertone-audit/undertone"
)

// sheet is what both verbs work on: rows, their arms and the folds they are in.
type sheet struct {
	rows    []row
	suspect []bool
	weight  []float64
	words   map[uint64]string // by hash, filled when first needed
	prompt  []undertone.Digest
	content []undertone.Digest // of completions
	id      []undertone.Digest // of whole rows

	component  []int // rows of one component are held out together
	components int
	wide       int // rows whose prompt is too common to be held out
	fold       []int
	folds      int
}

// matchedRows is how many rows of each arm, or half of the smaller arm, must have
// prompts that both arms have, for tests that are conditional on the prompt.
const matchedRows = 50

// newSheet reads both arms and deals the rows into folds; origin is where each row stood in its arm.
func newSheet(suspect, control undertone.Text, config Config) (s *sheet, origin []int) {
	s = &sheet{folds: config.Folds}
	arms := [2]undertone.Text{control, suspect}
	var picked [2][]int
	for arm, data := range arms {
		picked[arm] = sample(data, config.MaxRows, config.Seed)
	}
	bytes := budget(len(picked[0]) + len(picked[1]))
	for arm, data := range arms {
		for _, i := range picked[arm] {
			s.add(data.Example(i), data.GroupID(i), arm == 1, 1, bytes)
			origin = append(origin, i)
		}
	}
	s.link(config.Seed)
	return s, origin
}

func (s *sheet) add(e undertone.Example, prompt undertone.Digest, suspect bool, weight float64, bytes int) {
	s.rows = append(s.rows, parse(e.Completion(), bytes))
	s.suspect = append(s.suspect, suspect)
	s.weight = append(s.weight, weight)
	s.id = append(s.id, e.ID())
	s.prompt = append(s.prompt, prompt)
	s.content = append(s.content, undertone.NewHasher("completion").Text(e.Completion()).Sum())
}

func (s *sheet) link(seed uint64) {
	s.component, s.components, s.wide = linked(s.prompt, s.content, 4*s.folds)
	s.fold = deal(s.component, s.components, s.content, s.folds, seed)
}

// arms returns which arms have each prompt: 1 control, 2 suspect, 3 both.
func (s *sheet) arms() map[undertone.Digest]int {
	arms := map[undertone.Digest]int{}
	for i, p := range s.prompt {
		arms[p] |= 1 << btoi(s.suspect[i])
	}
	return arms
}

func (s *sheet) shared() (n int) {
	for _, a := range s.arms() {
		n += btoi(a == 3)
	}
	return n
}

// tested returns the rows that tests and areas rest on: those whose prompt both
// arms have, or, where these are too few, those whose prompt one arm alone has.
func (s *sheet) tested() (rows []int, matched bool) {
	arms := s.arms()
	var n [2]int
	suspects := 0
	for i, p := range s.prompt {
		suspects += btoi(s.suspect[i])
		if arms[p] == 3 {
			n[btoi(s.suspect[i])]++
		}
	}
	smaller := min(suspects, len(s.rows)-suspects)
	matched = smaller > 0 && min(n[0], n[1]) >= min(matchedRows, (smaller+1)/2)
	for i, p := range s.prompt {
		if (arms[p] == 3) == matched {
			rows = append(rows, i)
		}
	}
	return rows, matched
}

func (s *sheet) split(fold int, past bool) (train, test []int) {
	for i, f := range s.fold {
		switch {
		case f == fold:
			test = append(test, i)
		case f < fold || !past:
			train = append(train, i)
		}
	}
	return train, test
}

func (s *sheet) hasBoth(rows []int) bool {
	var seen [2]bool
	for _, i := range rows {
		seen[btoi(s.suspect[i])] = true
	}
	return seen[0] && seen[1]
}
