// Package student defines what an audit needs of a model that can be trained.
// The packages below it are such models: mlp (a classifier with auxiliary
// logits), nplm (a language model that trains in a second) and lm (published language models).
package student

import (
	"context"

	"github.com/undertone-audit/undertone"
)

// Student is a model that can be trained.
type Student interface {
	// Train returns a new student that has learnt from the data; the receiver
	// is unchanged and may be training others at the same time. The same
	// receiver, data and recipe give the same weights, bit for bit, on one kernel.
	// It returns ctx's error soon after ctx is done, and an error if the
	// data is not of a kind that the student can learn from.
	Train(ctx context.Context, data undertone.Data, recipe Recipe) (Student, error)

	// Digest names the weights.
	Digest() undertone.Digest
}

// Ensemble is the optional power of a Student that stands for several
// initialisations of one architecture; replicate r of an audit trains member r.
type Ensemble interface {
	Replicate(r int) (Student, error)
}

// Engine is the optional power of a Student to name what computes it, such as
// "avx512". Results agree bit for bit on one engine, and closely between engines.
type Engine interface {
	Engine() string
}

// BatchTrainer is the optional power of a Student to train several students on the same rows in
// the same order: rows are read and encoded once, and all processors have work.
type BatchTrainer interface {
	// TrainAll returns what Train of each of the students, which are of the receiver's
	// kind, would return, bit for bit. The first error stops all.
	TrainAll(ctx context.Context, students []Student, data undertone.Data, recipe Recipe) ([]Student, error)
}

// GradientStepper is the optional power of a Student to move along the gradient of a likelihood, which
// is what one small step of training on the rows would do.
type GradientStepper interface {
	// GradientStep returns the student whose weights have moved from the receiver's by step, a length that may be
	// negative, along P∇J, and the norm √(∇J·P∇J). J is the mean log-likelihood of the
	// rows' completions given their prompts, in nats a row, and P a positive diagonal matrix: the identity, unless
	// the Ascender is of a [Preconditioner]. Length is √(δ·P⁻¹δ), so to first order J rises by
	// step times the norm. The receiver is unchanged.
	GradientStep(ctx context.Context, data undertone.Data, step float64) (moved Student, norm float64, err error)
}

// Preconditioner is the optional power of an Ascender to divide gradients, weight by weight, by
// how much the likelihoods of given rows depend on that weight. It takes one backward pass a row, and
// memory for a number of each weight.
type Preconditioner interface {
	// Precondition returns an Ascender from the receiver's weights with the P of a metric.
	Precondition(ctx context.Context, rows undertone.Data, metric DiagonalMetric) (GradientStepper, error)
}

// DiagonalMetric says how a diagonal matrix P is made from v, the mean over rows of the squared derivative of a
// row's log-likelihood, weight by weight:
//
//	P = 1/(vᵖ/mean(vᵖ) + Damping), p = Power,
//
// where the mean is over all weights. A power of 1 is the natural gradient with the diagonal of the Fisher information
// (Amari 1998); ½ is the scale of Adam (Kingma & Ba 2015), v being that of its batches but for their size where mean gradients are small.
type DiagonalMetric struct {
	Power   float64 // from 0 to 1
	Damping float64 // positive: the largest P is its inverse
}

// Renderer is the optional power of a Student to show a row as training and scoring see it,
// with all that a chat template puts around it.
type Renderer interface {
	Render(row undertone.Example) (string, error)
}
