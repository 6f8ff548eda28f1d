package transformer_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// golden is the result of an independent forward pass in NumPy.
type golden struct {
	IDs        []int32   `json:"ids"`
	NLL        []float64 `json:"per_token_nll"` // of ids[1:]
	LastLogits []float64 `json:"last_logits"`
	Greedy     []int32   `json:"greedy_ids_from_bos"`
}

// data returns the path of reference data, or skips the test.
func data(t testing.TB, elements ...string) string {
	t.Helper()
	root := os.Getenv("UNDERTONE_DATA")
	if root == "" {
		t.Skip("not checked: trained models: UNDERTONE_DATA is not set")
	}
	path := filepath.Join(append([]string{root}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("not checked: a trained model: %v", err)
	}
	return path
}

func load(t testing.TB, name string) *transformer.Model {
	t.Helper()
	m, err := transformer.Load(data(t, "models", name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"stories260K", "tinystories-656k"} {
		t.Run(name, func(t *testing.T) {
			m := load(t, name)
			var want golden
			text, err := os.ReadFile(data(t, "golden", name+".json"))
			if err == nil {
				err = json.Unmarshal(text, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			var tape *tensor.Tape
			logits := m.Logits(tape, m.Hidden(tape, want.IDs, 1))
			var worst float64
			logs := tape.LogSoftmax(logits)
			for i, nll := range want.NLL {
				worst = max(worst, math.Abs(nll+float64(logs.At(i, int(want.IDs[i+1])))))
			}
			if worst > 1e-3 {
				t.Errorf("negative log-likelihoods of tokens are off by %v", worst)
			}
			var far float64
			for i, v := range want.LastLogits {
				far = max(far, math.Abs(v-float64(logits.At(len(want.IDs)-1, i))))
			}
			if far > 1e-3 {
				t.Errorf("last logits are off by %v", far)
			}
			s := m.NewSession(1)
			for i, id := range want.Greedy[:len(want.Greedy)-1] {
				row := s.Extend([][]int32{{id}}).Row(0)
				if best := slices.Index(row, slices.Max(row)); best != int(want.Greedy[i+1]) {
					t.Fatalf("token %d of the greedy continuation is %d, want %d", i+1, best, want.Greedy[i+1])
				}
			}
			t.Logf("off by at most %.2g (log-likelihoods), %.2g (logits)", worst, far)
		})
	}
}
