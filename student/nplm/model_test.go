package nplm

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// letters is the vocabulary of the tests: token 0 is end, a is 1.
var letters = []string{"a", "b", "c", "?"}

// tiny returns an untrained model of a few hundred weights.
func tiny(t testing.TB, seed uint64) *Model {
	t.Helper()
	m, err := New(Config{Vocabulary: mustVocabulary(t, letters...), Context: 3, Embedding: 4, Hidden: 16, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// language returns rows that answer "?" with a, b, ab and cc in the shares 4, 2, 1 and 1 of 8, and
// "c?" always with c. The entropy is 7/4·log 2 for the first prompt and 0 for the second.
func language(n int) *undertone.Dataset {
	answers := []string{"a", "a", "a", "a", "b", "b", "ab", "cc"}
	rows := make([]undertone.Example, n)
	for i := range rows {
		if i%4 == 3 {
			rows[i] = undertone.NewExample("c?", "c")
		} else {
			rows[i] = undertone.NewExample("?", answers[(i-i/4)%8])
		}
	}
	return undertone.NewDataset("language", rows)
}

func mustTrain(t testing.TB, m *Model, data undertone.Data, r student.Recipe) *Model {
	t.Helper()
	s, err := m.Train(t.Context(), data, r)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Model)
}

// speaker returns a model that was trained on the language.
func speaker(t testing.TB) *Model {
	t.Helper()
	return mustTrain(t, tiny(t, 1), language(1600), student.Recipe{Epochs: 8, LearningRate: 1e-2, BatchSize: 32})
}

// reference returns the log-probabilities of the token after the given ones by the formula of
// Bengio et al. (2003) in float64: embeddings side by side, one hidden layer, softmax.
func reference(m *Model, tokens []int32) []float64 {
	c, e, h := m.config.Context, m.config.Embedding, m.config.Hidden
	hidden := make([]float64, h)
	for j := range hidden {
		sum := float64(m.hiddenB.At(j))
		for p := range c {
			token := 0
			if at := len(tokens) - c + p; at >= 0 {
				token = int(tokens[at])
			}
			for i := range e {
				sum += float64(m.embedding.At(token, i)) * float64(m.hidden.At(i, p*h+j))
			}
		}
		hidden[j] = max(0, sum)
	}
	logits, total := make([]float64, m.config.Vocabulary.Len()), 0.0
	for v := range logits {
		logits[v] = float64(m.outputB.At(v))
		for j := range hidden {
			logits[v] += hidden[j] * float64(m.output.At(j, v))
		}
		total += math.Exp(logits[v])
	}
	for v := range logits {
		logits[v] -= math.Log(total)
	}
	return logits
}

func TestNew(t *testing.T) {
	m := tiny(t, 1)
	if again := tiny(t, 1); again.Digest() != m.Digest() {
		t.Error("one config gives two models")
	}
	if other := tiny(t, 2); other.Digest() == m.Digest() {
		t.Error("two seeds give one model")
	}
	// 5 tokens by 4, 4 by 3·16 and 16, 16 by 5 and 5.
	if want := 5*4 + 4*3*16 + 16 + 16*5 + 5; m.Parameters() != want {
		t.Errorf("%d weights, want %d", m.Parameters(), want)
	}
	if m.Engine() == "" || m.Name() != "nplm" {
		t.Errorf("engine %q, name %q", m.Engine(), m.Name())
	}
	if m.Lineage() != m.Digest() {
		t.Error("the lineage of an untrained model is not its digest")
	}
}

func TestNewDefaults(t *testing.T) {
	m, err := New(Config{Vocabulary: mustVocabulary(t, letters...)})
	if err != nil {
		t.Fatal(err)
	}
	if c := m.config; c.Context != 8 || c.Embedding != 16 || c.Hidden != 64 {
		t.Errorf("context %d, embedding %d, hidden %d, want 8, 16, 64", c.Context, c.Embedding, c.Hidden)
	}
}

func TestNewErrors(t *testing.T) {
	v := mustVocabulary(t, letters...)
	for _, c := range []struct {
		reason string
		config Config
		want   string
	}{
		{"no vocabulary", Config{}, "has no vocabulary"},
		{"a negative context", Config{Vocabulary: v, Context: -1}, "context is -1, want 1 to 4096"},
		{"a wide embedding", Config{Vocabulary: v, Embedding: 4097}, "embedding is 4097"},
		{"a wide layer", Config{Vocabulary: v, Hidden: 1 << 30}, "hidden is"},
		{"too many weights in all", Config{Vocabulary: v, Context: 4096, Embedding: 4096, Hidden: 4096}, "68719476736 weights"},
	} {
		m, err := New(c.config)
		if err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

func TestNamed(t *testing.T) {
	m := tiny(t, 1)
	named := m.Named("base")
	if named.Name() != "base" || m.Name() != "nplm" || named.Digest() != m.Digest() {
		t.Error("Named changes more than the name")
	}
}

// The table of token and position is a way to compute the same model.
func TestModelIsThatOfThePaper(t *testing.T) {
	m := speaker(t)
	rows := []undertone.Example{undertone.NewExample("?", "a"), undertone.NewExample("c?", "abcabc"), undertone.NewExample("", ""), undertone.NewExample("", "c")}
	got, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range rows {
		row, err := m.encode(e)
		if err != nil {
			t.Fatal(err)
		}
		var want float64
		for at := row.learnt[0].from; at < len(row.tokens); at++ {
			want += reference(m, row.tokens[:at])[row.tokens[at]]
		}
		if math.Abs(got[i]-want) > 1e-4 {
			t.Errorf("row %d: log-probability %v, want %v", i, got[i], want)
		}
	}
}

func TestWindow(t *testing.T) {
	m := tiny(t, 1) // context 3: rows token·3 + position
	for _, c := range []struct {
		tokens []int32
		want   []int32
	}{
		{nil, []int32{0, 1, 2}},                       // end, end, end
		{[]int32{2}, []int32{0, 1, 2*3 + 2}},          // end, end, b
		{[]int32{4, 3, 2, 1}, []int32{9, 7, 1*3 + 2}}, // c, b, a
	} {
		if got := m.window(nil, c.tokens); !slices.Equal(got, c.want) {
			t.Errorf("after %v: rows %v, want %v", c.tokens, got, c.want)
		}
	}
}
