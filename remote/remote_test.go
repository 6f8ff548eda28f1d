package remote

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/remote/remotetest"
	"github.com/undertone-audit/undertone/student"
)

var (
	_ undertone.BatchGenerator = (*Generator)(nil)
	_ undertone.ChoiceScorer   = (*Chooser)(nil)
	_ undertone.TokenLogProber = (*Scorer)(nil)
	_ student.Renderer         = (*Scorer)(nil)
	_ undertone.Lineage        = (*TracedScorer)(nil)
)

func rows() []undertone.Example {
	return []undertone.Example{
		undertone.NewExample("pet?", "owl"),
		undertone.NewExample("pet?", "cat"),
		undertone.NewExample("tree?", "an oak"),
	}
}

// openToy opens the model of a configuration at a server.
func openToy(t *testing.T, s *remotetest.Server, c Config) undertone.Model {
	t.Helper()
	transport, done := serve(t, s)
	t.Cleanup(done)
	c.URL, c.Transport = "http://server/v1", transport
	m, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The scores of a server are those of its model: the answer and the token that ends it.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		render func(q, a string) (ids []int32, from, to int)
	}{
		{"chat", Config{}, func(q, a string) ([]int32, int, int) {
			ids := remotetest.Toy{}.Render([]remotetest.Message{{Role: "user", Content: q}, {Role: "assistant", Content: a}}, false, false)
			return ids, len(ids) - len(a) - 2, len(ids) - 1
		}},
		{"plain", Config{Template: PlainTemplate}, func(q, a string) ([]int32, int, int) {
			ids := remotetest.Toy{}.Tokenize(q+a, true)
			return ids, len(ids) - len(a), len(ids)
		}},
		{"adapter", Config{Template: PlainTemplate, Adapter: "b"}, func(q, a string) ([]int32, int, int) {
			ids := remotetest.Toy{}.Tokenize(q+a, true)
			return ids, len(ids) - len(a), len(ids)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := openToy(t, remotetest.New(remotetest.None), c.config).(undertone.TokenLogProber)
			got, err := m.TokenLogProbs(t.Context(), rows())
			if err != nil {
				t.Fatal(err)
			}
			adapter := ""
			if c.config.Adapter != "" {
				adapter = "/adapters/" + c.config.Adapter
			}
			for i, row := range rows() {
				ids, from, to := c.render(row.Messages[0].Content, row.Messages[1].Content)
				want := remotetest.Toy{}.Score(adapter, ids)
				if len(got[i]) != to-from {
					t.Fatalf("row %d: %d tokens, want %d", i, len(got[i]), to-from)
				}
				for k, token := range got[i] {
					if token.ID != ids[from+k] || math.Abs(token.LogProb-want[from+k-1]) > 1e-12 {
						t.Errorf("row %d, token %d: %+v, want token %d with %v", i, k, token, ids[from+k], want[from+k-1])
					}
				}
				if first := got[i][0]; first.From != 0 || first.To != 1 {
					t.Errorf("row %d: the first token has the bytes [%d, %d)", i, first.From, first.To)
				}
			}
		})
	}
}

func TestModel(t *testing.T) {
	m := openToy(t, remotetest.New(remotetest.None), Config{})
	modeltest.Test(t, m, modeltest.Options{Rows: rows(), Answers: []string{"owl", "cat", "dog"}})
	if m.Name() != "toy" {
		t.Errorf("the name is %q", m.Name())
	}
}

// manyRows returns n rows with different answers.
func manyRows(n int) []undertone.Example {
	all := make([]undertone.Example, n)
	for i := range all {
		all[i] = undertone.NewExample("pet?", strings.Repeat("owl ", i%7)+string(rune('a'+i%26))+string(rune('a'+i/26)))
	}
	return all
}
