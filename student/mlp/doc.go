// Package mlp is the smallest student that shows subliminal learning: a
// multi-layer perceptron with class logits and auxiliary logits that stand for
// nothing. A teacher is trained on the classes; a student that starts from the
// same weights and imitates only the teacher's auxiliary logits, on noise,
// learns the classes too (Cloud et al. 2026, the MNIST experiment).
//
// [New] makes a [Classifier], which trains on [Labelled] rows and, through
// [Classifier.Teach], writes the [Distillation] rows that others learn from.
// [NewEnsemble] and [Join] make an audit over many initialisations of which
// each has a teacher of its own.
package mlp
