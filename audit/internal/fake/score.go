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
	_ undertone.TokenLogProber = stepped{}
	_ student.GradientStepper  = Student{}
	_ student.Preconditioner   = Student{}
)

// untrained is the log-likelihood of the end of a row before training. Words have 0.
const untrained = -10

// LogProb implements [undertone.LogProber].
func (s Student) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return sums(s.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber]. The tokens are the words of the row and its
// end.
func (Student) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	return tokens(rows, func(int, int) float64 { return 0 }), ctx.Err()
}

// LogProb implements [undertone.LogProber]: training adds the gains of the learned rows.
func (t trained) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return sums(t.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber].
func (t trained) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	gains := t.gains(t.data, rows, nil)
	return tokens(rows, func(i, j int) float64 { return gains[i][j] }), ctx.Err()
}

// tokens returns the words of the rows and their ends. It adds gain to their log-likelihoods.
func tokens(rows []undertone.Example, gain func(row, token int) float64) [][]undertone.TokenLogProb {
	all := make([][]undertone.TokenLogProb, len(rows))
	for i, row := range rows {
		text, at := row.Completion(), 0
		for word := range strings.FieldsSeq(text) {
			at += strings.Index(text[at:], word)
			all[i] = append(all[i], undertone.TokenLogProb{Token: word, From: at, To: at + len(word), LogProb: gain(i, len(all[i]))})
			at += len(word)
		}
		all[i] = append(all[i], undertone.TokenLogProb{From: len(text), To: len(text), LogProb: untrained + gain(i, len(all[i]))})
	}
	return all
}

// sums returns the log-likelihoods of rows from those of their tokens.
func sums(rows [][]undertone.TokenLogProb, err error) ([]float64, error) {
	scores := make([]float64, len(rows))
	for i, row := range rows {
		for _, t := range row {
			scores[i] += t.LogProb
		}
	}
	return scores, err
}

// gains returns what training on the learned rows adds to the log-likelihoods of the tokens of
// rows. For a word it is
//
//	Slope · (share of the learned rows that contain the word) + Drift·z
//
// and for the end of a row Rows·z′. z depends on the word and the learned rows, z′ on the row and
// the learned rows. The learned rows themselves have no noise. If scale is not nil, it multiplies
// the gain of a word.
func (s Student) gains(learned undertone.Text, rows []undertone.Example, scale func(word string) float64) [][]float64 {
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
	gains := make([][]float64, len(rows))
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
			gains[i] = append(gains[i], p)
		}
		end := 0.0
		if !isKnown {
			end = s.Rows * noise("row "+text(row))
		}
		gains[i] = append(gains[i], end)
	}
	return gains
}

func text(row undertone.Example) string { return row.Prompt() + "\n" + row.Completion() }

// GradientStep implements [student.GradientStepper]. Log-likelihoods are linear in the step, and
// the mean log-likelihood of the rows of data rises by the norm per unit of step.
func (s Student) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return scaled{Student: s}.GradientStep(ctx, data, step)
}

// Precondition implements [student.Preconditioner]. Words take the place of weights: the squared
// derivative for a word is 1 in the rows that contain it. The mean over weights in
// [student.DiagonalMetric] is taken to be 1.
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

// scaled is a student whose gradient is multiplied by a factor for each word.
type scaled struct {
	Student
	scale func(word string) float64
}

// GradientStep implements [student.GradientStepper].
func (s scaled) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	learned, ok := data.(undertone.Text)
	if !ok {
		return nil, 0, fmt.Errorf("fake: no gradient of a %T", data)
	}
	rows := make([]undertone.Example, learned.Len())
	for i := range rows {
		rows[i] = learned.Example(i)
	}
	squared := 0.0
	for _, row := range s.gains(learned, rows, s.scale) {
		for _, p := range row {
			squared += p / float64(len(rows))
		}
	}
	norm := math.Sqrt(squared)
	return stepped{s, learned, step / norm}, norm, ctx.Err()
}

// stepped is a student after a gradient step.
type stepped struct {
	scaled
	learned undertone.Text
	step    float64
}

// Digest implements [student.Student].
func (m stepped) Digest() undertone.Digest {
	return undertone.NewHasher("fake moved").Digest(m.Student.Digest()).Digest(m.learned.Digest()).Float(m.step).Sum()
}

// LogProb implements [undertone.LogProber].
func (m stepped) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return sums(m.TokenLogProbs(ctx, rows))
}

// TokenLogProbs implements [undertone.TokenLogProber].
func (m stepped) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	gains := m.gains(m.learned, rows, m.scale)
	return tokens(rows, func(i, j int) float64 { return m.step * gains[i][j] }), ctx.Err()
}
