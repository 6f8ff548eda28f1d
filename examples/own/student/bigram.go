// Package student shows how to write a student: a model that an audit trains and asks.
package student

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Bigram is a language model over bytes. The probability of a byte depends on the byte before it
// and not on the prompt. The weights are counts, so the order of the rows does not matter.
type Bigram struct {
	counts [end + 1][end + 1]float64 // [byte before][byte]
}

const end = 256 // stands before the first byte and after the last byte of a text

var _ student.Student = (*Bigram)(nil)

// Train implements [student.Student]. It counts the bigrams of every completion once per epoch.
func (b *Bigram) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	rows, ok := data.(undertone.Text)
	if !ok || rows.Len() == 0 {
		return nil, fmt.Errorf("bigram: data set %.80q is a %T of %d rows, want rows of text", data.Name(), data, data.Len())
	}
	recipe, err := recipe.WithDefaults()
	if err != nil {
		return nil, fmt.Errorf("bigram: %w", err)
	}
	trained := *b
	for i := range recipe.Epochs * rows.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := rows.Example(i % rows.Len())
		if len(row.Learnt()) == 0 {
			continue // such as a rejected answer
		}
		before := end
		for _, next := range symbols(row.Completion()) {
			trained.counts[before][next]++
			before = next
		}
	}
	return &trained, nil
}

// symbols returns the bytes of a text and its end.
func symbols(text string) []int {
	all := make([]int, 0, len(text)+1)
	for i := range len(text) {
		all = append(all, int(text[i]))
	}
	return append(all, end)
}
