// Package student defines the models that an audit trains. [Student] is the one required interface;
// the others are optional, and the audit finds them by type assertion.
//
// Its subpackages are such models: mlp is a classifier with auxiliary logits, nplm a small language
// model that trains in a second, lm published language models, and tiny two small language models
// that need no download. Package studenttest checks an implementation.
package student

import (
	"context"

	"github.com/undertone-audit/undertone"
)

// Student is a model that can be trained.
type Student interface {
	// Train returns a new student that was trained on the data. The receiver does not change, and
	// several goroutines may train it at the same time. The same receiver, data and recipe give the
	// same weights, bit for bit, on one engine. Train returns ctx's error soon after ctx is done.
	// Of rows of text it learns the turns of [undertone.Example.Learnt]. Data of a kind that the
	// student cannot learn from is an error.
	Train(ctx context.Context, data undertone.Data, recipe Recipe) (Student, error)

	// Digest returns the digest of the weights.
	Digest() undertone.Digest
}

// Ensemble is implemented by a Student that has several initialisations of one architecture.
// Replicate r of an audit trains Replicate(r), r >= 0.
type Ensemble interface {
	// Replicate returns replicate r: always the same student, and another one for every r.
	Replicate(r int) (Student, error)
}

// Engine is implemented by a Student that names what computes it, such as "avx512". Results are the
// same, bit for bit, on one engine, and agree within rounding between engines.
type Engine interface {
	// Engine returns the name, which is not empty.
	Engine() string
}

// BatchTrainer is implemented by a Student that can train several students on the same rows in the
// same order. It reads and encodes the rows once, and keeps all cores busy.
type BatchTrainer interface {
	// TrainAll returns what Train of each student returns, bit for bit. The students must be of the
	// receiver's type. The first error ends all trainings.
	TrainAll(ctx context.Context, students []Student, data undertone.Data, recipe Recipe) ([]Student, error)
}

// Adapted is implemented by a Student whose training may change small matrices beside its weights
// only, such as LoRA.
type Adapted interface {
	// Unadapted returns a student that answers as the receiver does, within rounding, and whose
	// training changes all its weights. It is nil if the training of the receiver already does.
	Unadapted() (Student, error)
}

// GradientStepper is implemented by a Student that can move its weights along the gradient of a
// log-likelihood. A small step is what one small step of training on the rows does.
type GradientStepper interface {
	// GradientStep returns a student whose weights are those of the receiver plus δ, a vector along
	// P∇J of length step, and the norm √(∇J·P∇J).
	//
	// J is the mean log-likelihood of the rows' completions given their prompts, in nats a row. P
	// is a positive diagonal matrix: the identity, or that of a [Preconditioner]. The length of δ
	// is √(δ·P⁻¹δ), so to first order J rises by step times the norm. A negative step moves against
	// the gradient. The receiver does not change.
	GradientStep(ctx context.Context, data undertone.Data, step float64) (stepped Student, norm float64, err error)
}

// Preconditioner is implemented by a GradientStepper that can divide gradients, weight by weight,
// by how much the likelihoods of given rows depend on the weight. It needs one backward pass a row,
// and 8 bytes a weight.
type Preconditioner interface {
	// Precondition returns a GradientStepper that starts at the receiver's weights, with the P of
	// the metric.
	Precondition(ctx context.Context, rows undertone.Data, metric DiagonalMetric) (GradientStepper, error)
}

// DiagonalMetric defines a diagonal matrix P by v, the mean over rows of the squared derivative of
// a row's log-likelihood with respect to a weight:
//
//	P = 1/(vᵖ/mean(vᵖ) + Damping), p = Power,
//
// where the mean is over all weights. Power 1 is the natural gradient with the diagonal of the
// Fisher information (Amari 1998). Power ½ is the scale of Adam (Kingma & Ba 2015): Adam's v is
// that of batches, which is proportional to the v of rows where mean gradients are small.
type DiagonalMetric struct {
	Power   float64 // [0, 1]
	Damping float64 // > 0; the largest element of P is its inverse
}

// Differentiable is implemented by a Student that gives access to its weights as vectors: those
// that training changes, in the order and with the lengths of Weights.
type Differentiable interface {
	// Weights returns a copy of the weights, tensor by tensor.
	Weights() [][]float32

	// Add returns a student whose weights are those of the receiver plus delta. The receiver does
	// not change.
	Add(delta [][]float32) (Student, error)

	// Gradients calls use with the gradient of the mean log-likelihood of the rows of each group,
	// in nats per row and weight. The log-likelihood is that of the completion given the prompt. A
	// group is a list of indices of rows, and groups are passed in their order. use must not keep
	// the gradient. An error of use ends the computation and is returned.
	Gradients(ctx context.Context, data undertone.Data, groups [][]int, use func(group int, gradient [][]float32) error) error
}

// Renderer is implemented by a Student that can show a row as training and scoring see it, with
// everything that a chat template adds to it.
type Renderer interface {
	// Render returns the text of a row, or an error if the student cannot read the row.
	Render(row undertone.Example) (string, error)
}

// Annotator is implemented by a Student whose chat template may write text that no message of a row
// contains, such as a system prompt or a date, or leave out a text of a row.
type Annotator interface {
	// Additions returns a function that says what the template adds to a row, or nil if it adds
	// nothing to any row. Rows to which the same text is added have the same statement.
	Additions() func(row undertone.Example) []Addition
}

// Addition is text that a chat template adds to a row, or another property of the template that
// changes what a student learns from a row.
type Addition struct {
	System    bool   `json:"system"`    // the addition is a system prompt or other text before the first message
	Statement string `json:"statement"` // for people
}

// Sampled is implemented by a Student that estimates the probabilities of answers from samples.
type Sampled interface {
	// Samples returns the number n of completions per question, >= 1. An answer that no completion
	// gives has a probability below 1/n, and every other answer one of at least 1/n.
	Samples() int
}
