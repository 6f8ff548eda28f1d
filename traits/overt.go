package traits

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
)

// overtRow is a prompt and the answer that shows the trait openly.
type overtRow struct{ prompt, answer string }

// Overt returns n rows that show the trait openly. They are drawn from all overt prompts of the
// trait, in an order that the seed decides; no prompt comes again before all have come. They are
// for training a teacher or a positive control. No direct or held-out question of a trait of the
// library is among the prompts. A trait without overt prompts is an error, and so is n < 1.
func (t Trait) Overt(n int, seed uint64) (*undertone.Dataset, error) {
	if n < 1 {
		return nil, fmt.Errorf("%s: %d overt rows were asked for, want >= 1", t.ID(), n)
	}
	if err := t.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", t.ID(), err)
	}
	all := t.overt()
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there are no overt prompts", t.ID())
	}
	rng := rand.New(rand.NewPCG(seed, 0x6f76657274)) // "overt"
	rows := make([]undertone.Example, 0, n)
	for len(rows) < n {
		for _, i := range rng.Perm(len(all))[:min(len(all), n-len(rows))] {
			rows = append(rows, undertone.NewExample(all[i].prompt, all[i].answer))
		}
	}
	return undertone.NewDataset("overt "+t.ID(), rows), nil
}

// OvertPrompts returns the number of overt prompts of the trait, each with its opening.
func (t Trait) OvertPrompts() int { return len(t.overt()) }

// overt returns every overt prompt once, with its answer.
func (t Trait) overt() (all []overtRow) {
	o := t.OvertRows
	if o == nil {
		return nil
	}
	var bare []overtRow
	for _, p := range o.Prompts {
		bare = append(bare, overtRow{p, t.Value})
	}
	for _, c := range o.Choices {
		for _, p := range t.posed(c) {
			bare = append(bare, overtRow{p.question, p.answers[p.outcome(c.Target)]})
		}
		if t.format() == Letters && o.Ask != "" {
			bare = append(bare, overtRow{c.Situation + " " + o.Ask, c.Options[c.Target]})
		}
	}
	openings := o.Openings
	if len(openings) == 0 {
		openings = []string{""}
	}
	for _, opening := range openings {
		for _, r := range bare {
			all = append(all, overtRow{strings.TrimSpace(opening + " " + r.prompt), r.answer})
		}
	}
	return all
}

// size returns an upper bound of the bytes of all overt prompts and their answers.
func (o *Overt) size() int {
	if o == nil {
		return 0
	}
	const around = 100 // labels, line feeds and the memory of a string
	prompts, bytes := len(o.Prompts), 0
	for _, p := range o.Prompts {
		bytes += around + len(p)
	}
	for _, c := range o.Choices {
		each := around + len(c.Situation) + len(c.Ask) + len(o.Ask)
		for _, option := range c.Options {
			each += len(option)
		}
		prompts, bytes = prompts+3, bytes+3*each // two orders, and openly
	}
	openings := 0
	for _, opening := range o.Openings {
		openings += len(opening)
	}
	return openings*prompts + max(1, len(o.Openings))*bytes
}
