package mlp

import (
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// The Gaussian-clusters experiment: 8 classes of two clusters each in 32 dimensions, network
// 32-64-64-(8+8).
func clusterConfig(seed uint64) Config {
	return Config{Inputs: 32, Hidden: []int{64, 64}, Classes: 8, Auxiliary: 8, Seed: seed}
}

// clusters returns n rows around 16 centres that are the same for every seed.
func clusters(t *testing.T, seed uint64, n int) *Labelled {
	t.Helper()
	const width, classes, spread = 32, 8, 0.7
	fixed := rand.New(rand.NewPCG(99, 0))
	centres := make([]float64, 2*classes*width)
	for i := range centres {
		centres[i] = spread * fixed.NormFloat64()
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	data, labels := make([]float32, n*width), make([]int, n)
	for i := range n {
		c := rng.IntN(2 * classes)
		labels[i] = c % classes
		for j := range width {
			data[i*width+j] = float32(centres[c*width+j] + spread*rng.NormFloat64())
		}
	}
	x, err := Floats(data, width)
	if err != nil {
		t.Fatal(err)
	}
	return mustLabel(t, "clusters", x, labels)
}

// TestSubliminalLearning trains teachers on the clusters, and students on the teachers' auxiliary
// logits on noise. Chance is 1/8. With 10 epochs of each, students with the initial weights of
// their teacher reach an accuracy of .75 to .9.
func TestSubliminalLearning(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that students learn from auxiliary logits (seconds of training)")
	}
	recipe := student.Recipe{Epochs: 5, LearningRate: 2e-3, BatchSize: 64}
	train, test := clusters(t, 1, 4000), clusters(t, 2, 1000)
	for seed := range uint64(2) {
		base, stranger := mustNew(t, clusterConfig(seed)), mustNew(t, clusterConfig(seed+100))
		teacher := mustTrain(t, base, train, recipe)
		noise := mustNoise(t, seed, 8000, 32)
		for _, c := range []struct {
			name    string
			targets Targets
			least   float64 // difference of the accuracies with the same and with other initial weights
		}{
			{"auxiliary softmax", Targets{}, 0.3},
			{"auxiliary outcomes", Targets{Sampled: true, Seed: seed}, 0.1},
		} {
			numbers := mustTeach(t, teacher, noise, c.targets)
			same := mustAccuracy(t, mustTrain(t, base, numbers, recipe), test)
			other := mustAccuracy(t, mustTrain(t, stranger, numbers, recipe), test)
			t.Logf("seed %d, %s: teacher %.3f, same initial weights %.3f, other %.3f", seed, c.name, mustAccuracy(t, teacher, test), same, other)
			if same < other+c.least {
				t.Errorf("seed %d, %s: accuracy %.3f from the same initial weights, %.3f from others, want a gap of %.1f", seed, c.name, same, other, c.least)
			}
		}
	}
}

func mustNew(t *testing.T, c Config) *Classifier {
	t.Helper()
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustNoise(t *testing.T, seed uint64, rows, width int) Inputs {
	t.Helper()
	x, err := Noise(seed, rows, width)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func mustLabel(t *testing.T, name string, x Inputs, labels []int) *Labelled {
	t.Helper()
	d, err := NewLabelled(name, x, labels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustTeach(t *testing.T, c *Classifier, x Inputs, targets Targets) *Distillation {
	t.Helper()
	d, err := c.Teach(t.Context(), "numbers", x, targets)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustTrain(t *testing.T, c *Classifier, data undertone.Data, recipe student.Recipe) *Classifier {
	t.Helper()
	s, err := c.Train(t.Context(), data, recipe)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Classifier)
}

func mustAccuracy(t *testing.T, c *Classifier, test *Labelled) float64 {
	t.Helper()
	a, err := c.Accuracy(t.Context(), test)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
