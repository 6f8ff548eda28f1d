package corpus

import (
	"context"
	"errors"
	"slices"

	"github.com/undertone-audit/undertone"
)

// designMatrix holds the rows of both arms, their labels and their folds. The features of its rows
// are in a [featureChannel] each.
type designMatrix struct {
	rows    []row
	suspect []bool
	weight  []float64         // of rows in the logistic loss
	words   map[uint64]string // by hash, filled when first needed
	prompt  []undertone.Digest
	content []undertone.Digest // digests of contents, in one layout for all rows
	id      []undertone.Digest // row IDs
	cluster []uint64           // rows with equal keys were sampled together

	component  []int // rows of one component share a fold
	components int
	unlinked   int // rows whose prompt is too common to hold out
	fold       []int
	folds      int
	stop       stopper // ends long loops early; what they return then is wrong
}

// matchedRows is the number of rows of each arm that must have prompts of both arms, for tests that
// are conditional on the prompt. Half of the smaller arm suffices too.
const matchedRows = 50

// newDesignMatrix reads both arms and assigns the rows to folds. origin is the index of each row in
// its arm.
func newDesignMatrix(ctx context.Context, suspect, control undertone.Text, config Config) (m *designMatrix, origin []int, err error) {
	m = &designMatrix{folds: config.Folds, stop: func() bool { return ctx.Err() != nil }}
	arms := [2]undertone.Text{control, suspect}
	var sampled [2][]int
	for arm, data := range arms {
		sampled[arm] = sampleRows(data, config.MaxRows, config.Seed)
	}
	bytes := byteBudget(len(sampled[0]) + len(sampled[1]))
	for arm, data := range arms {
		clusters := config.clusterKeys(data, sampled[arm])
		for at, i := range sampled[arm] {
			row, err := undertone.ReadExample(data, i)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return nil, nil, err
			}
			m.add(row.Completion(), data.RowID(i), data.GroupID(i), clusters[at], arm == 1, 1, bytes)
			origin = append(origin, i)
		}
	}
	m.connect()
	m.assignFolds(config.Seed)
	return m, origin, undertone.ReadErr(suspect, control)
}

// add adds one row, and reads the given number of bytes of its completion.
func (m *designMatrix) add(completion string, id, prompt undertone.Digest, cluster uint64, suspect bool, weight float64, bytes int) {
	r := parse(completion, bytes)
	m.rows = append(m.rows, r)
	m.suspect = append(m.suspect, suspect)
	m.weight = append(m.weight, weight)
	m.id = append(m.id, id)
	m.prompt = append(m.prompt, prompt)
	m.content = append(m.content, undertone.NewHasher("completion").Text(r.stream).Sum())
	m.cluster = append(m.cluster, cluster)
}

// connect finds the rows that must share a fold. If clusters that share prompts link so many rows
// that the folds would be far from equal, prompts do not link.
func (m *designMatrix) connect() {
	m.component, m.components, m.unlinked = connectedRows(m.prompt, m.content, m.cluster, 4*m.folds)
	if m.folds*m.largestComponent() >= 2*len(m.rows) {
		m.component, m.components, m.unlinked = connectedRows(m.prompt, m.content, m.cluster, len(m.rows)+1)
	}
}

// largestComponent returns the number of rows of the largest component.
func (m *designMatrix) largestComponent() int {
	size := make([]int, m.components)
	for _, c := range m.component {
		size[c]++
	}
	return slices.Max(append(size, 0))
}

func (m *designMatrix) assignFolds(seed uint64) {
	m.fold = balancedFolds(m.component, m.components, m.content, m.folds, seed)
}

// promptArms returns which arms have each prompt: 1 control, 2 suspect, 3 both.
func (m *designMatrix) promptArms() map[undertone.Digest]int {
	arms := map[undertone.Digest]int{}
	for i, p := range m.prompt {
		arms[p] |= 1 << btoi(m.suspect[i])
	}
	return arms
}

// sharedPrompts returns the number of prompts that both arms have.
func (m *designMatrix) sharedPrompts() (n int) {
	for _, a := range m.promptArms() {
		n += btoi(a == 3)
	}
	return n
}

// testedRows returns the rows on which tests and areas rest: the rows whose prompt both arms have,
// or, if these are too few, the rows whose prompt one arm alone has.
func (m *designMatrix) testedRows() (rows []int, matched bool) {
	arms := m.promptArms()
	var n [2]int
	suspects := 0
	for i, p := range m.prompt {
		suspects += btoi(m.suspect[i])
		if arms[p] == 3 {
			n[btoi(m.suspect[i])]++
		}
	}
	smaller := min(suspects, len(m.rows)-suspects)
	matched = smaller > 0 && min(n[0], n[1]) >= min(matchedRows, (smaller+1)/2)
	for i, p := range m.prompt {
		if (arms[p] == 3) == matched {
			rows = append(rows, i)
		}
	}
	return rows, matched
}

// split returns the rows of a fold, and the rows of all other folds.
func (m *designMatrix) split(fold int) (train, test []int) {
	for i, f := range m.fold {
		if f == fold {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}

// hasBothArms reports whether the rows come from both arms.
func (m *designMatrix) hasBothArms(rows []int) bool {
	var seen [2]bool
	for _, i := range rows {
		seen[btoi(m.suspect[i])] = true
	}
	return seen[0] && seen[1]
}
