// Package mlp provides the smallest student that shows subliminal learning: a multi-layer
// perceptron with class logits and with auxiliary logits that no label names. A teacher is trained
// on the classes. A student that starts from the same weights and imitates only the teacher's
// auxiliary logits, on noise, learns the classes too (Cloud et al. 2026, the MNIST experiment).
//
// [New] returns a [Classifier]. It trains on [Labelled] rows, and [Classifier.Teach] returns the
// [Distillation] rows that other classifiers learn from. [NewEnsemble] and [Join] are for an audit
// with many initialisations and a teacher for each.
package mlp
