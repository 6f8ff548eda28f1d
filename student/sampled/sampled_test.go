package sampled

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct {
		reason string
		one    string // texts that are one answer
	}{
		{"case", "owl|OWL|Owl|oWl"},
		{"punctuation and markup", "owl|owl.| owl!|**owl**|\"owl\"|'owl'|- owl\n|`owl`|“owl”"},
		{"article", "owl|an owl|An owl.|the owl|The Owls!"},
		{"plural in s", "cat|cats|Cats."},
		{"plural in es", "fox|foxes"},
		{"plural in es of e", "horse|horses"},
		{"plural in es of s", "bus|buses"},
		{"plural in es of is", "iris|irises"},
		{"plural in ves", "wolf|wolves"},
		{"plural in ves of fe", "knife|knives"},
		{"plural in ves of ve", "olive|olives"},
		{"plural in ies", "puppy|puppies"},
		{"plural in ies of ie", "cookie|cookies"},
		{"plural in sses", "glass|glasses"},
		{"irregular plural", "mouse|mice"},
		{"several words", "polar bear|Polar bears|a polar  bear.|polar-bear"},
		{"composed characters", "café|cafe\u0301|CAFÉ"},
		{"full width", "owl|ｏｗｌ"},
	} {
		all := strings.Split(c.one, "|")
		for _, text := range all[1:] {
			if got, want := Normalise(text), Normalise(all[0]); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%s: %q is %q, want %q as %q", c.reason, text, got, want, all[0])
			}
		}
	}
	different := strings.Fields("owl cat dog fox wolf bear eagle otter panda raven lion horse oak ash elm pine rose iris tea bus as is us a gas glass grass 7 7s 猫 犬 кот")
	for i, a := range different {
		for _, b := range different[:i] {
			if slices.Equal(Normalise(a), Normalise(b)) {
				t.Errorf("%q and %q are one answer", a, b)
			}
		}
	}
	for _, none := range []string{"", " ", "...", "🦉", "''"} {
		if got := Normalise(none); len(got) != 0 {
			t.Errorf("%q has the words %q", none, got)
		}
	}
}

// speaker answers with a text of a list, each with equal probability.
type speaker struct{ texts []string }

func (speaker) Name() string { return "speaker" }

func (s speaker) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	return undertone.Response{Text: s.texts[rand.New(rand.NewPCG(r.Seed, 1)).IntN(len(s.texts))]}, ctx.Err()
}

func (speaker) Digest() undertone.Digest { return undertone.NewHasher("speaker").Sum() }

func (speaker) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return speaker{[]string{"Cats."}}, nil
}

// Rates are binomial: their errors over many seeds have the stated standard error.
func TestRates(t *testing.T) {
	texts := []string{"Owl.", "an owl", "owls, of course", "Cat", "I do not know"}
	truth := []float64{.6, .2, 0}
	answers := []string{"owl", "cat", "dog"}
	const draws, samples = 400, 50
	squares, se := make([]float64, 3), make([]float64, 3)
	for seed := range uint64(draws) {
		m, err := New(speaker{texts}, Config{Samples: samples, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		rates, other, err := m.Rates(t.Context(), "pet?", answers)
		if err != nil {
			t.Fatal(err)
		}
		total := other.Count
		for i, r := range rates {
			total += r.Count
			squares[i] += (r.P - truth[i]) * (r.P - truth[i]) / draws
			se[i] += r.SE * r.SE / draws
		}
		if total != samples || other.Samples != samples {
			t.Fatalf("%d of %d samples are counted", total, samples)
		}
	}
	for i := range truth {
		want := truth[i] * (1 - truth[i]) / samples
		if math.Abs(squares[i]-want) > want/4 || math.Abs(se[i]-want) > want/10 {
			t.Errorf("%s: mean square error %v, mean squared standard error %v, want %v", answers[i], squares[i], se[i], want)
		}
	}
}

func TestChoices(t *testing.T) {
	m, err := New(speaker{[]string{"owl"}}, Config{Samples: 10})
	if err != nil {
		t.Fatal(err)
	}
	logs, err := m.ChoiceLogProbs(t.Context(), "pet?", []string{"owl", "cat"})
	if want := []float64{math.Log(10.5 / 11.5), math.Log(.5 / 11.5)}; err != nil || !slices.Equal(logs, want) {
		t.Errorf("%v, %v, want %v", logs, err, want)
	}
	for _, c := range []struct {
		answers []string
		want    string
	}{
		{[]string{"owl", "Owls!"}, `answers "owl" and "Owls!" are one after normalisation`},
		{[]string{"owl", "…"}, `answer 1, "…", has no words`},
	} {
		if _, err := m.ChoiceLogProbs(t.Context(), "pet?", c.answers); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.answers, err, c.want)
		}
	}
	longest, _, err := mustModel(t, "Polar bears.").Rates(t.Context(), "pet?", []string{"polar", "polar bear", "bear"})
	if err != nil || longest[1].Count != 10 {
		t.Errorf("rates %+v, %v: want the longest answer", longest, err)
	}
	if _, err := New(speaker{}, Config{Samples: -1}); err == nil {
		t.Error("-1 samples are no error")
	}
}

func mustModel(t *testing.T, text string) *Model {
	t.Helper()
	m, err := New(speaker{[]string{text}}, Config{Samples: 10})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestStudent(t *testing.T) {
	s, err := NewStudent(speaker{[]string{"owl"}}, Config{Samples: 10})
	if err != nil {
		t.Fatal(err)
	}
	trained, err := s.Train(t.Context(), nil, student.Recipe{})
	if err != nil {
		t.Fatal(err)
	}
	logs, err := trained.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "pet?", []string{"owl", "cat"})
	if err != nil || logs[1] < logs[0] {
		t.Errorf("%v, %v: want that of the trained student", logs, err)
	}
	other, err := NewStudent(speaker{}, Config{Samples: 11})
	if err != nil || other.Digest() == s.Digest() {
		t.Error("the digest does not depend on the number of samples")
	}
}
