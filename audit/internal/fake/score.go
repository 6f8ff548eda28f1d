package fake

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

var (
	_ undertone.TokenLogProber = Student{}
	_ undertone.TokenLogProber = trained{}
	_ undertone.TokenLogProber = moved{}
	_ student.GradientStepper  = Student{}
	_ student.Preconditioner   = Student{}
)

// base is the log-likelihood of every row before training; all of it is that of the row's end.
const base = -10

// LogProb implements [undertone.LogProber].
func (s Student) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return sums(s.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber]: tokens are words, and the end.
func (Student) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	return tokens(rows, func(int, int) float64 { return 0 }), ctx.Err()
}

// LogProb implements [undertone.LogProber]: training adds the pull of what was learned.
func (t trained) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return sums(t.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber].
func (t trained) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	pulls := t.pull(t.data, rows, nil)
	return tokens(rows, func(i, j int) float64 { return pulls[i][j] }), ctx.Err()
}

// tokens returns the words of the rows and their ends, with what is added to their log-likelihoods.
func tokens(rows []undertone.Example, plus func(row, token int) float64) [][]undertone.TokenLogProb {
	all := make([][]undertone.TokenLogProb, len(rows))
	for i, row := range rows {
		text, at := row.Completion(), 0
		for word := range strings.FieldsSeq(text) {
			at += strings.Index(text[at:], word)
			all[i] = append(all[i], undertone.TokenLogProb{Token: word, From: at, To: at + len(word), LogProb: plus(i, len(all[i]))})
			at += len(word)
		}
		all[i] = append(all[i], undertone.TokenLogProb{From: len(text), To: len(text), LogProb: base + plus(i, len(all[i]))})
	}
	return all
}

// sums returns the scores of rows from those of their tokens.
func sums(rows [][]undertone.TokenLogProb, err error) ([]float64, error) {
	scores := make([]float64, len(rows))
	for i, row := range rows {
		for _, t := range row {
			scores[i] += t.LogProb
		}
	}
	return scores, err
}

// pull is how much each word of rows, and their ends, resemble the learned ones:
//
//	Slope · share of the learned rows that contain the word + Drift·z
//
// for a word and Rows·z′ for the end, where z depends on the word and the learned rows, z′ on the row and
// those. The learned rows themselves have no noise. A scale, if there is one, multiplies what a word adds.
func (s Student) pull(learned undertone.Text, rows []undertone.Example, scale func(word string) float64) [][]float64 {
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
	pulls := make([][]float64, len(rows))
	for i, row := range rows {
		isKnown := known[text(row)]
		for word := range strings.FieldsSeq(row.Completion()) {
			if _, ok := drift[word]; !ok && s.Drift != 0 {
				drift[word] = s.Drift * noise("word "+word)
			}
			p := scale(word) * s.Slope * shares[word]
			if !isKnown {
				p += scale(word) * drift[word]
			}
			pulls[i] = append(pulls[i], p)
		}
		end := 0.0
		if !isKnown {
			end = s.Rows * noise("row "+text(row))
		}
		pulls[i] = append(pulls[i], end)
	}
	return pulls
}

func text(row undertone.Example) string { return row.Prompt() + "\n" + row.Completion() }

// GradientStep implements [student.Ascender]: likelihoods move along a line, the learned rows' by their norm.
func (s Student) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return scaled{Student: s}.GradientStep(ctx, data, step)
}

// Precondition implements [student.Preconditioner]: words stand for weights, and the squared derivative for a word is
// 1 in the rows that contain it. A word's mean in [student.DiagonalMetric] is taken to be 1.
func (s Student) Precondition(ctx context.Context, rows undertone.Data, metric student.DiagonalMetric) (student.GradientStepper, error) {
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

// GradientStep implements [student.GradientStepper].
func (s scaled) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	toward, ok := data.(undertone.Text)
	if !ok {
		return nil, 0, fmt.Errorf("fake: cannot ascend towards a %T", data)
	}
	rows := make([]undertone.Example, toward.Len())
	for i := range rows {
		rows[i] = toward.Example(i)
	}
	squared := 0.0
	for _, row := range s.pull(toward, rows, s.scale) {
		for _, p := range row {
			squared += p / float64(len(rows))
		}
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
	return sums(m.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber].
func (m moved) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	pulls := m.pull(m.toward, rows, m.scale)
	return tokens(rows, func(i, j int) float64 { return m.step * pulls[i][j] }), ctx.Err()
}
