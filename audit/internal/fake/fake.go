// Package fake provides a student whose training is arithmetic with known results and known noise.
// A test can run a whole audit in a millisecond.
package fake

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Student answers every question with one of the given words or with something else. Training on
// rows of text adds to the logit of a word
//
//	Slope · (share of the rows that contain the word) + Noise·z + Shared·z′
//
// where z and z′ are standard normal. z depends on the rows, the seed of the recipe and the word.
// z′ depends on the seed and the word alone, so both arms of a replicate pair have the same z′.
//
// Training also changes the log-likelihood of rows by the gains of their words: see
// [Student.gains].
type Student struct {
	Slope  float64
	Noise  float64
	Shared float64
	Drift  float64 // standard deviation of the gains of words
	Rows   float64 // standard deviation of the gains of ends of rows
	Seed   uint64  // of the noise, besides the seed of the recipe

	// OnTrain is called at the start of every training. Its error ends the training.
	OnTrain func(context.Context) error
}

var (
	_ student.Student        = Student{}
	_ student.Engine         = Student{}
	_ undertone.ChoiceScorer = Student{}
)

// Train implements [student.Student].
func (s Student) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	if s.OnTrain != nil {
		if err := s.OnTrain(ctx); err != nil {
			return nil, err
		}
	}
	text, ok := data.(undertone.Text)
	if !ok {
		return nil, fmt.Errorf("fake: cannot learn from a %T", data)
	}
	return trained{s, text, recipe.Seed}, ctx.Err()
}

// Digest implements [student.Student].
func (s Student) Digest() undertone.Digest {
	return undertone.NewHasher("fake").Float(s.Slope).Float(s.Noise).Float(s.Shared).Float(s.Drift).Float(s.Rows).Uint(s.Seed).Sum()
}

// Engine implements [student.Engine].
func (Student) Engine() string { return "fake" }

// ChoiceLogProbs implements [undertone.ChoiceScorer]: all answers are equally likely.
func (Student) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	return normalise(make([]float64, len(answers))), nil
}

// trained is a student after training. It computes its answers when it is asked.
type trained struct {
	Student
	data undertone.Text
	seed uint64
}

// Digest implements [student.Student].
func (t trained) Digest() undertone.Digest {
	return undertone.NewHasher("fake trained").Digest(t.Student.Digest()).Digest(t.data.Digest()).Uint(t.seed).Sum()
}

// ChoiceLogProbs implements [undertone.ChoiceScorer].
func (t trained) ChoiceLogProbs(_ context.Context, _ string, answers []string) ([]float64, error) {
	logits := make([]float64, len(answers))
	for i, word := range answers {
		own := undertone.NewHasher("own").Uint(t.Seed).Uint(t.seed).Digest(t.data.Digest()).Text(word).Sum()
		shared := undertone.NewHasher("shared").Uint(t.Seed).Uint(t.seed).Text(word).Sum()
		logits[i] = t.Slope*t.share(word) + t.Noise*normal(own) + t.Shared*normal(shared)
	}
	return normalise(logits), nil
}

func (t trained) share(word string) float64 {
	n := 0
	for i := range t.data.Len() {
		if strings.Contains(t.data.Example(i).Completion(), word) {
			n++
		}
	}
	return float64(n) / float64(t.data.Len())
}

func normal(d undertone.Digest) float64 {
	return rand.New(rand.NewPCG(d.Uint64(), 0)).NormFloat64()
}

// normalise returns the log-probabilities of answers with the given logits. The logit of all other
// answers together is the logarithm of the number of given answers, so before training they have a
// probability of 1/2.
func normalise(logits []float64) []float64 {
	sum := float64(len(logits))
	for _, l := range logits {
		sum += math.Exp(l)
	}
	logs := make([]float64, len(logits))
	for i, l := range logits {
		logs[i] = l - math.Log(sum)
	}
	return logs
}

// Overt names the differences between marked and unmarked rows of [Rows]: marked rows hold one word
// more. Audits of such arms accept them.
var Overt = []string{"layout", "lengths"}

// Rows returns n rows with different prompts. The first marked rows contain the word. The prompts
// are the same for every name, the answers are not.
func Rows(name string, n, marked int, word string) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		answer := fmt.Sprintf("%s %d", name, i)
		if i < marked {
			answer += " " + word
		}
		rows[i] = undertone.NewExample(fmt.Sprintf("prompt %d", i), answer)
	}
	return undertone.NewDataset(name, rows)
}
