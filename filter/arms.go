package filter

import (
	"fmt"

	"github.com/undertone-audit/undertone"
)

// OneArmOnly is the reason of [Arms.SharedPrompts].
const OneArmOnly Reason = "prompt in one arm only"

// Arms compares the prompts of two data sets that an experiment sets against
// each other. Arms whose prompts differ can be told apart by their prompts,
// whatever the completions say, and so can arms that answer a prompt unequally often.
type Arms struct {
	A, B   Arm
	Shared int // different prompts that both arms have
	Uneven int // of those, the ones that the arms have unequal numbers of rows for

	shared map[undertone.Digest]bool
	names  [2]string
}

// Arm counts what one arm has that the other one has not.
type Arm struct {
	Rows    int // all
	Prompts int // different ones

	// OnlyRows and OnlyPrompts count the rows with a prompt that the other arm
	// has not, and those prompts.
	OnlyRows, OnlyPrompts int

	// NearOther counts those of OnlyPrompts that resemble a prompt of the other arm.
	NearOther int

	// NearOwn counts the prompts that resemble an earlier one of the same arm. A
	// split that holds whole prompts out may put the two on different sides.
	NearOwn int
}

// CompareArms counts the prompts that two data sets share, and those that
// resemble each other by near, of which Of and Window have no meaning here.
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

// promptCounts are the different prompts of an arm.
type promptCounts struct {
	total int
	rows  map[undertone.Digest]int
	first []undertone.Example // a row of each prompt, in the order of the data
}

func promptsOf(data *undertone.Dataset) promptCounts {
	p := promptCounts{total: data.Len(), rows: map[undertone.Digest]int{}}
	for i, row := range data.All() {
		id := data.GroupID(i)
		if p.rows[id]++; p.rows[id] == 1 {
			p.first = append(p.first, row)
		}
	}
	return p
}

// index holds all prompts; own counts those that resemble an earlier one.
func (p promptCounts) index(near NearDuplicates) (x *nearIndex, own int) {
	near.Window = max(1, len(p.first))
	x = newNearIndex(near)
	for _, row := range p.first {
		keys := x.keys(Prompts.text(row))
		if x.has(keys) {
			own++
		}
		x.add(keys)
	}
	return x, own
}

func (p promptCounts) compare(other promptCounts, index *nearIndex, own int) Arm {
	arm := Arm{Rows: p.total, Prompts: len(p.first), NearOwn: own}
	for _, row := range p.first {
		id := row.PromptID()
		if other.rows[id] > 0 {
			continue
		}
		arm.OnlyPrompts++
		arm.OnlyRows += p.rows[id]
		if index.has(index.keys(Prompts.text(row))) {
			arm.NearOther++
		}
	}
	return arm
}

// SharedPrompts returns the filter that keeps a row if both arms have its
// prompt. Filter both arms with it, behind all filters that look at completions.
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
