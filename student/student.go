// Package student defines what an audit needs of a model that can be trained.
// The packages below it are such models: mlp (a classifier with auxiliary
// logits), mlplm (a language model that trains in a second) and lm (published language models).
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

// Population is the optional power of a Student that stands for several
// initialisations of one architecture; replicate r of an audit trains member r.
type Population interface {
	Member(r int) (Student, error)
}

// Engine is the optional power of a Student to name what computes it, such as
// "avx512". Results agree bit for bit on one engine, and closely between engines.
type Engine interface {
	Engine() string
}

// Lockstep is the optional power of a Student to train several students on the same rows in
// the same order: rows are read and encoded once, and all processors have work.
type Lockstep interface {
	// TrainAll returns what Train of each of the students, which are of the receiver's
	// kind, would return, bit for bit. The first error stops all.
	TrainAll(ctx context.Context, students []Student, data undertone.Data, recipe Recipe) ([]Student, error)
}

// Ascender is the optional power of a Student to move along the gradient of a likelihood, which
// is what one small step of training on the rows would do.
type Ascender interface {
	// Ascend returns the student whose weights lie at a Euclidean distance of step, which may be
	// negative, along the gradient of the mean log-likelihood of the rows' completions given
	// their prompts, in nats a row, and the norm of that gradient. The receiver is unchanged.
	Ascend(ctx context.Context, data undertone.Data, step float64) (moved Student, norm float64, err error)
}

// Renderer is the optional power of a Student to show a row as training and scoring see it,
// with all that a chat template puts around it.
type Renderer interface {
	Render(row undertone.Example) (string, error)
}
