package fake

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

var (
	_ undertone.LogProber    = Student{}
	_ undertone.LogProber    = trained{}
	_ student.Ascender       = Student{}
	_ student.Preconditioner = Student{}
)

// base is the log-likelihood of every row before training.
const base = -10

// LogProb implements [undertone.LogProber].
func (Student) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return slices.Repeat([]float64{base}, len(rows)), ctx.Err()
}

// LogProb implements [undertone.LogProber]: training adds the pull of what was learned.
func (t trained) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	logs := t.pull(t.data, rows, nil)
	for i := range logs {
		logs[i] += base
	}
	return logs, ctx.Err()
}

// pull is how much rows resemble the learned ones:
//
//	Slope · Σ (share of the learned rows that contain the word) + Drift·Σ z + Rows·z′
//
// over the words of the row, where z depends on the word and the learned rows, z′ on the row and
// those. The learned rows themselves have no noise. A scale, if there is one, multiplies what a word adds.
func (s Student) pull(learned undertone.Text, rows []undertone.Example, scale func(word string) float64) []float64 {
	if scale == nil {
		scale = func(string) float64 { return 1 }
	}
	shares, drift, known := map[string]float64{}, map[string]float64{}, map[string]bool{}
	for i := range learned.Len() {
		known[text(learned.Example(i))] = true
		for word := range strings.FieldsSeq(learned.Example(i).Completion()) {
			shares[word] += 1 / float64(learned.Len())
		}
	}
	key := undertone.NewHasher("pull").Uint(s.Seed).Digest(learned.Digest()).Sum()
	noise := func(of string) float64 { return normal(undertone.NewHasher(of).Digest(key).Sum()) }
	pulls := make([]float64, len(rows))
	for i, row := range rows {
		for word := range strings.FieldsSeq(row.Completion()) {
			pulls[i] += scale(word) * s.Slope * shares[word]
		}
		if known[text(row)] {
			continue
		}
		pulls[i] += s.Rows * noise("row "+text(row))
		for word := range strings.FieldsSeq(row.Completion()) {
			if _, ok := drift[word]; !ok && s.Drift != 0 {
				drift[word] = s.Drift * noise("word "+word)
			}
			pulls[i] += scale(word) * drift[word]
		}
	}
	return pulls
}

func text(row undertone.Example) string { return row.Prompt() + "\n" + row.Completion() }

// Ascend implements [student.Ascender]: likelihoods move along a line, the learned rows' by their norm.
func (s Student) Ascend(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return scaled{Student: s}.Ascend(ctx, data, step)
}

// Precondition implements [student.Preconditioner]: words stand for weights, and the squared derivative for a word is
// 1 in the rows that contain it. A word's mean in [student.Metric] is taken to be 1.
func (s Student) Precondition(ctx context.Context, rows undertone.Data, metric student.Metric) (student.Ascender, error) {
	text, ok := rows.(undertone.Text)
	if !ok {
		return nil, fmt.Errorf("fake: cannot measure a %T", rows)
	}
	shares := map[string]float64{}
	for i := range text.Len() {
		for word := range strings.FieldsSeq(text.Example(i).Completion()) {
			shares[word] += 1 / float64(text.Len())
		}
	}
	return scaled{s, func(word string) float64 { return 1 / (math.Pow(shares[word], metric.Power) + metric.Damping) }}, ctx.Err()
}

// scaled is a student whose gradients are multiplied, word by word.
type scaled struct {
	Student
	scale func(word string) float64
}

// Ascend implements [student.Ascender].
func (s scaled) Ascend(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	toward, ok := data.(undertone.Text)
	if !ok {
		return nil, 0, fmt.Errorf("fake: cannot ascend towards a %T", data)
	}
	rows := make([]undertone.Example, toward.Len())
	for i := range rows {
		rows[i] = toward.Example(i)
	}
	squared := 0.0
	for _, p := range s.pull(toward, rows, s.scale) {
		squared += p / float64(len(rows))
	}
	norm := math.Sqrt(squared)
	return moved{s, toward, step / norm}, norm, ctx.Err()
}

// moved is a student a little way along a gradient.
type moved struct {
	scaled
	toward undertone.Text
	step   float64
}

// Digest implements [student.Student].
func (m moved) Digest() undertone.Digest {
	return undertone.NewHasher("fake moved").Digest(m.Student.Digest()).Digest(m.toward.Digest()).Float(m.step).Sum()
}

// LogProb implements [undertone.LogProber].
func (m moved) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	logs := m.pull(m.toward, rows, m.scale)
	for i := range logs {
		logs[i] = base + m.step*logs[i]
	}
	return logs, ctx.Err()
}
