package lineage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// talker answers each prompt with a word that depends on the prompt and on who it is.
type talker struct{ name string }

func (m talker) Name() string { return m.name }

func (m talker) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	h := fnv.New32()
	fmt.Fprint(h, m.name, r.Messages[0].Content)
	return undertone.Response{Text: fmt.Sprintf("w%d x", h.Sum32()%100)}, nil
}

// broken cannot answer.
type broken struct{ talker }

func (broken) Generate(context.Context, undertone.Request) (undertone.Response, error) {
	return undertone.Response{}, errors.New("no answer today")
}

func digest(text string) undertone.Digest { return undertone.NewHasher("test").Text(text).Sum() }

// Each rule of the conclusion, without weights.
func TestGradesWithoutWeights(t *testing.T) {
	info := func(name, digest_, weights, lineage string) Subject {
		s := Subject{ModelInfo: ModelInfo{Name: name}}
		for _, f := range []struct {
			to   *undertone.Digest
			text string
		}{{&s.Digest, digest_}, {&s.ModelInfo.Weights, weights}, {&s.Lineage, lineage}} {
			if f.text != "" {
				*f.to = digest(f.text)
			}
		}
		return s
	}
	adapter := func(name string, base string) Subject {
		s := Subject{ModelInfo: ModelInfo{Name: "adapter"}, Adapter: &AdapterBase{Name: name}}
		if base != "" {
			s.Adapter.Digest = digest(base)
		}
		return s
	}
	talks := func(name string) Subject { return Of(talker{name}) }
	for _, c := range []struct {
		name string
		a, b Subject
		want Grade
		text string // part of the statement
	}{
		{"nothing is given", Subject{}, info("b", "x", "", ""), Unknown, "a model was not given"},
		{"one digest", info("a", "x", "", ""), info("b", "x", "", ""), Shared, "by digest: both are the same model"},
		{"one digest of weights", info("a", "x", "w", ""), info("b", "y", "w", ""), Shared, "by digest: the weights of both are equal"},
		{"zero digests are not equal", info("a", "x", "", ""), info("b", "y", "", ""), Unknown, "not compared"},
		{"the first declares the second", info("a", "x", "v", "w"), info("b", "y", "w", "w"), Shared, "by declaration: the first declares"},
		{"the second declares the first", info("a", "x", "v", "v"), info("b", "y", "w", "v"), Shared, "by declaration: the second declares"},
		{"both declare one base", info("a", "x", "v", "u"), info("b", "y", "w", "u"), Shared, "both declare the same base"},
		{"declared bases that differ show nothing", info("a", "x", "v", "s"), info("b", "y", "w", "u"), Unknown, "not compared"},
		{"an adapter names its base", adapter("org/Base-1", ""), info("base-1", "x", "w", ""), Shared, "the first is an adapter"},
		{"an adapter names another base", adapter("org/Base-2", ""), info("base-1", "x", "w", ""), Unknown, "not compared"},
		{"an adapter with the digest of its base", adapter("elsewhere", "w"), info("b", "x", "w", ""), Shared, "the first is an adapter"},
		{"an adapter with another digest", adapter("b", "v"), info("b", "x", "w", ""), Unknown, "not compared"},
		{"two adapters of one base", adapter("org/base", ""), adapter(`C:\models\base\`, ""), Shared, "both are adapters"},
		{"two adapters without a base", adapter("", ""), adapter("", ""), Unknown, "not compared"},
		{"equal answers", talks("a"), talks("a"), Matched, "begin alike on 100 %"},
		{"other answers", talks("a"), talks("b"), Unknown, "the weights of a model are not known"},
		{"no answers", talks("a"), Of(broken{talker{"b"}}), Unknown, "no answer today"},
	} {
		got, err := Compare(t.Context(), c.a, c.b, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got.Grade != c.want || !strings.Contains(got.Statement, c.text) {
			t.Errorf("%s: %s: %s", c.name, got.Grade, got.Statement)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// model returns an lm model of a transformer, without a declared lineage.
func model(t *testing.T, like *lm.Model, net *transformer.Model) *lm.Model {
	t.Helper()
	m, err := lm.New(net, like.Tokenizer(), lm.Options{Settings: like.Settings()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Models with weights: a changed copy is shared, a new one unrelated, and without answers unknown.
func TestGradesWithWeights(t *testing.T) {
	m, net := network(t)
	copied, err := lineagetest.Apply(net, lineagetest.PermuteNeurons(1), lineagetest.Rotate(1), lineagetest.Int8())
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := transformer.New(rand.New(rand.NewPCG(1, 1)), net.Config())
	if err != nil {
		t.Fatal(err)
	}
	other, err := tiny.Other()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		b    *lm.Model
		o    Options
		want Grade
		text string
	}{
		{"a changed copy", model(t, m, copied), Options{}, Shared, "shared base, by weights: 4 of 4 compared parts"},
		{"another model", other, Options{}, Unrelated, "unrelated: no related neurons"},
		{"another model without answers", other, Options{WithoutAnswers: true}, Unknown, "not compared, as requested"},
		{"a model that was not trained", model(t, m, fresh), Options{}, Unknown, "tokens of one name are not used alike"},
	} {
		got, err := Compare(t.Context(), Of(m), undeclared(Of(c.b)), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if got.Grade != c.want || !strings.Contains(got.Statement, c.text) {
			t.Errorf("%s: %s: %s", c.name, got.Grade, got.Statement)
		}
	}
}

// Training keeps the declared lineage, and LoRA the weights: both are found without a test.
func TestTrainedModelsAreSharedByDigest(t *testing.T) {
	m, _ := network(t)
	adapted, err := m.WithLoRA(lm.LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	rows := undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("Name a bird.", "owl"), undertone.NewExample("Name a tree.", "oak")})
	for _, c := range []struct {
		from *lm.Model
		text string
	}{{m, "by declaration"}, {adapted, "by digest"}} {
		trained, err := c.from.Train(t.Context(), rows, student.Recipe{})
		if err != nil {
			t.Fatal(err)
		}
		grade, statement, err := SharesBase(t.Context(), m, trained.(*lm.Model))
		if err != nil || grade != Shared || !strings.Contains(statement, c.text) {
			t.Errorf("%s: %s, %v", grade, statement, err)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	a, b := Of(talker{"a"}), Of(talker{"b"})
	if _, err := Compare(t.Context(), a, b, Options{Prompts: make([]string, maxPrompts+1)}); err == nil {
		t.Error("too many prompts were accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compare(ctx, a, b, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: %v", err)
	}
	if Unrelated.MayShare() || !Unknown.MayShare() || !Matched.MayShare() || !Shared.MayShare() {
		t.Error("MayShare")
	}
}
