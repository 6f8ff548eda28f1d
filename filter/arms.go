package filter

import (
	"fmt"

	"github.com/undertone-audit/undertone"
)

// OneArmOnly is the reason of [Arms.SharedPrompts].
const OneArmOnly Reason = "prompt in one arm only"

// Arms compares the prompts of the two arms of an experiment. If the arms have different prompts,
// or different numbers of completions of a prompt, the prompts alone distinguish the arms.
type Arms struct {
	A, B   Arm
	Shared int // different prompts of both arms
	Uneven int // shared prompts for which the arms have different numbers of rows

	shared map[undertone.Digest]bool
	names  [2]string
}

// Arm counts the rows and prompts of one arm, and those that the other arm does not have.
type Arm struct {
	Rows    int // all rows
	Prompts int // different prompts

	// OnlyPrompts is the number of prompts that the other arm does not have, and OnlyRows is the
	// number of their rows.
	OnlyRows, OnlyPrompts int

	// NearOther is the number of prompts in OnlyPrompts that resemble a prompt of the other arm.
	NearOther int

	// NearOwn is the number of prompts that resemble an earlier prompt of the same arm. A split
	// that holds out whole prompts may put the two on different sides.
	NearOwn int
}

// CompareArms counts the prompts that two data sets share, and those that resemble each other by
// the settings near. It ignores near.Of and near.Window.
func CompareArms(a, b *undertone.Dataset, near NearDuplicates) Arms {
	near.Of = Prompts
	promptsA, promptsB := promptsOf(a), promptsOf(b)
	indexA, ownA := promptsA.index(near)
	indexB, ownB := promptsB.index(near)
	arms := Arms{shared: map[undertone.Digest]bool{}, names: [2]string{a.Name(), b.Name()}}
	arms.A = promptsA.compare(promptsB, indexB, ownA)
	arms.B = promptsB.compare(promptsA, indexA, ownB)
	for id, rows := range promptsA.rows {
		if other := promptsB.rows[id]; other > 0 {
			arms.shared[id] = true
			arms.Shared++
			if rows != other {
				arms.Uneven++
			}
		}
	}
	return arms
}

// promptCounts counts the prompts of an arm.
type promptCounts struct {
	total int
	rows  map[undertone.Digest]int
	first []int // the first row of each prompt
	data  *undertone.Dataset
}

func promptsOf(data *undertone.Dataset) promptCounts {
	p := promptCounts{total: data.Len(), rows: map[undertone.Digest]int{}, data: data}
	for i := range data.Len() {
		id := data.GroupID(i)
		if p.rows[id]++; p.rows[id] == 1 {
			p.first = append(p.first, i)
		}
	}
	return p
}

// index returns an index of all prompts, and the number of prompts that resemble an earlier one.
func (p promptCounts) index(near NearDuplicates) (x *nearIndex, own int) {
	near.Window = max(1, len(p.first))
	x = newNearIndex(near)
	for _, i := range p.first {
		keys := x.keys(Prompts.text(p.data.Example(i)))
		if x.has(keys) {
			own++
		}
		x.add(keys)
	}
	return x, own
}

func (p promptCounts) compare(other promptCounts, index *nearIndex, own int) Arm {
	arm := Arm{Rows: p.total, Prompts: len(p.first), NearOwn: own}
	for _, i := range p.first {
		id := p.data.GroupID(i)
		if other.rows[id] > 0 {
			continue
		}
		arm.OnlyPrompts++
		arm.OnlyRows += p.rows[id]
		if index.has(index.keys(Prompts.text(p.data.Example(i)))) {
			arm.NearOther++
		}
	}
	return arm
}

// SharedPrompts returns the filter that keeps a row if both arms have its prompt. Apply it to both
// arms, after all filters of completions.
func (a Arms) SharedPrompts() Filter { return sharedPrompts{a} }

type sharedPrompts struct{ arms Arms }

func (s sharedPrompts) Name() string { return "shared prompts" }

func (s sharedPrompts) String() string {
	return fmt.Sprintf("%d prompts of both %q and %q", s.arms.Shared, s.arms.names[0], s.arms.names[1])
}

func (s sharedPrompts) Reasons(row undertone.Example) []Reason {
	if s.arms.shared[row.PromptID()] {
		return nil
	}
	return []Reason{OneArmOnly}
}
