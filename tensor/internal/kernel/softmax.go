package kernel

import (
	"fmt"
	"math"
)

// LogSumExp returns log Σ exp(x), -Inf for an empty x. It is NaN or +Inf if an element is NaN or
// +Inf.
func LogSumExp(x []float32) float32 {
	most := maximum(x)
	if math.IsInf(float64(most), 0) || most != most {
		return most
	}
	return most + logSumExpBelow(x, most)
}

// logSumExpBelow returns log Σ exp(x - most).
func logSumExpBelow(x []float32, most float32) float32 {
	var sum float32
	var terms [512]float32 // not part of the result
	for ; len(x) > len(terms); x = x[len(terms):] {
		sum += expSum(terms[:], x[:len(terms)], most)
	}
	return log32(sum + expSum(terms[:len(x)], x, most))
}

// Softmax sets y to exp(x) / Σ exp(x) for one row. Masked elements, which are -Inf, give 0. If all
// elements are -Inf, or one is NaN or +Inf, y is NaN. y may be x.
func Softmax(y, x []float32) {
	sameLength("Softmax", len(y), len(x))
	scale(y, 1/expSum(y, x, maximum(x)))
}

// SoftmaxBackward replaces d, the gradient of a Softmax, by the gradient of its input; y is the
// result of the Softmax.
func SoftmaxBackward(d, y []float32) {
	sameLength("SoftmaxBackward", len(d), len(y))
	shift(d, d, -dot(d, y))
	mul(d, y)
}

// LogSoftmax sets y to x - log Σ exp(x) for one row. y may be x.
func LogSoftmax(y, x []float32) {
	sameLength("LogSoftmax", len(y), len(x))
	most := maximum(x)
	below := logSumExpBelow(x, most)
	shift(y, x, -most) // in two steps, because the difference of large numbers is exact
	shift(y, y, -below)
}

// CrossEntropy returns the loss of one row, -log softmax(logits)[target] in nats, and sets grad to
// its gradient by the logits times weight. grad may be logits.
func CrossEntropy(grad, logits []float32, target int, weight float32) (loss float32) {
	sameLength("CrossEntropy", len(grad), len(logits))
	if uint(target) >= uint(len(logits)) {
		panic(fmt.Sprintf("kernel: CrossEntropy: target %d is not one of %d classes", target, len(logits)))
	}
	most := maximum(logits)
	at := logits[target] - most
	sum := expSum(grad, logits, most)
	scale(grad, weight/sum)
	grad[target] -= weight
	return log32(sum) - at
}

// SoftCrossEntropy is CrossEntropy with a distribution over the classes as target, such as a
// teacher's: the loss is -Σ target·log softmax(logits), which is the Kullback–Leibler divergence
// plus the entropy of target. The targets must sum to 1. grad may be logits, but not target.
func SoftCrossEntropy(grad, logits, target []float32, weight float32) (loss float32) {
	sameLength("SoftCrossEntropy", len(grad), len(logits))
	sameLength("SoftCrossEntropy", len(grad), len(target))
	most := maximum(logits)
	expected := float32(0)
	for i, p := range target {
		if p != 0 { // 0·log 0 is 0
			expected += p * (logits[i] - most)
		}
	}
	sum := expSum(grad, logits, most)
	scale(grad, weight/sum)
	axpy(grad, target, -weight)
	return log32(sum) - expected
}

func log32(x float32) float32 { return float32(math.Log(float64(x))) }
