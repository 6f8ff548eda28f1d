package lm

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// peftCase is an adapter that peft wrote, and what peft predicts with it.
type peftCase struct {
	Base     string    `json:"base"`
	IDs      []int32   `json:"ids"`
	LogProbs []float64 `json:"logprobs"` // of IDs[1:]
}

// peftFolders returns the folders with adapters of testdata/peft.
func peftFolders(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("testdata/peft/*/adapter_config.json")
	if err != nil || len(found) == 0 {
		t.Fatalf("no adapters (%v)", err)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

func peftBase(t *testing.T, name string) *Model {
	t.Helper()
	m, err := Load(filepath.Join("testdata", "peft", name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// off returns the largest difference between the log-probabilities of a model and those of peft.
func (c peftCase) off(t *testing.T, m *Model) (most float64) {
	t.Helper()
	got, err := m.LogProbsOf(t.Context(), []Tokens{{IDs: c.IDs, Learnt: []TokenRange{{1, len(c.IDs)}}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range c.LogProbs {
		most = max(most, math.Abs(want-float64(got[0][i])))
	}
	return most
}

// TestPEFT compares every adapter that peft wrote with what peft predicts: as it is loaded, merged,
// and saved and loaded again.
func TestPEFT(t *testing.T) {
	for _, folder := range peftFolders(t) {
		name := filepath.Base(folder)
		if strings.HasPrefix(name, "refused-") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var c peftCase
			text, err := os.ReadFile(filepath.Join(folder, "want.json"))
			if err == nil {
				err = json.Unmarshal(text, &c)
			}
			if err != nil {
				t.Fatal(err)
			}
			base := peftBase(t, c.Base)
			if d := c.off(t, base); d < 0.1 {
				t.Fatalf("the base is off by %.3g only: nothing is tested", d)
			}
			m, err := base.WithAdapter(folder)
			if err != nil {
				t.Fatal(err)
			}
			if d := c.off(t, m); d > 1e-4 {
				t.Errorf("log-probabilities are off by %.3g", d)
			}
			if m.Lineage() != base.Lineage() || m.Digest() == base.Digest() {
				t.Error("an adapter must change the digest, and not the lineage")
			}
			merged, err := m.Merge()
			if err != nil {
				t.Fatal(err)
			}
			if d := c.off(t, merged); d > 1e-4 {
				t.Errorf("merged, log-probabilities are off by %.3g", d)
			}
			again := filepath.Join(t.TempDir(), "adapter")
			err = m.SaveAdapter(again)
			switch {
			case m.base == nil:
				wantError(t, err, "the model has no LoRA")
				return
			case m.base.replaced:
				wantError(t, err, "also replaced whole weights")
				return
			case c.Base == "base-gpt2":
				wantError(t, err, "which cannot be written")
				return
			case err != nil:
				t.Fatal(err)
			}
			loaded, err := m.Base().WithAdapter(again)
			if err != nil {
				t.Fatal(err)
			}
			if d := c.off(t, loaded); d > 1e-4 || loaded.Digest() != m.Digest() {
				t.Errorf("saved and loaded, log-probabilities are off by %.3g, the digests are %s and %s", d, loaded.Digest(), m.Digest())
			}
		})
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// TestPEFTRefused: what peft writes and is not supported is refused by its name.
func TestPEFTRefused(t *testing.T) {
	for name, c := range map[string]struct{ base, want string }{
		"refused-alora":       {"base", "alora_invocation_tokens is not supported"},
		"refused-lora-bias":   {"base", "lora_bias is not supported"},
		"refused-embedding":   {"base", "is LoRA of an embedding"},
		"refused-lm-head":     {"base", "output layer"},
		"refused-tied":        {"base-tied", "modules_to_save: model.embed_tokens of a model whose output layer is its embedding"},
		"refused-replication": {"base", "layer_replication is not supported"},
		"refused-gpt2-pissa":  {"base-gpt2", "layer transformer.h.0.attn.c_attn: several layers are stored as one"},
	} {
		_, err := peftBase(t, c.base).WithAdapter(filepath.Join("testdata", "peft", name))
		wantError(t, err, c.want)
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v does not name the folder", name, err)
		}
	}
}

// TestPEFTConfigErrors changes one field of an adapter that is read.
func TestPEFTConfigErrors(t *testing.T) {
	base := peftBase(t, "base")
	text, err := os.ReadFile("testdata/peft/lora/adapter_config.json")
	if err != nil {
		t.Fatal(err)
	}
	weights, err := os.ReadFile("testdata/peft/lora/adapter_model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ field, value, want string }{
		{"peft_type", `"IA3"`, `peft_type is "IA3", want LORA`},
		{"peft_type", `null`, `peft_type is "", want LORA`},
		{"r", `0`, "r is 0, want at least 1"},
		{"r", `"8"`, `field "r" is a JSON string, want a whole number`},
		{"r", `4`, "gives rank 4"},
		{"r", `1000000000`, "gives rank 1000000000"},
		{"lora_alpha", `-1`, "lora_alpha is -1"},
		{"lora_alpha", `"16"`, `field "lora_alpha" is a JSON string, want a number`},
		{"target_modules", `null`, "target_modules is empty"},
		{"target_modules", `[]`, "target_modules is empty"},
		{"target_modules", `7`, `field "target_modules" is a JSON number, want a list`},
		{"target_modules", `["q_proj"]`, "layer model.layers.0.self_attn.v_proj has matrices, but target_modules does not name it"},
		{"target_modules", `["q_proj", "v_proj", "k_proj"]`, "target_modules names layer model.layers.0.self_attn.k_proj, which has no matrices"},
		{"target_modules", `".*(q_proj|k_proj)"`, "target_modules names layer model.layers.0.self_attn.k_proj, which has no matrices"},
		{"exclude_modules", `["v_proj"]`, "v_proj has matrices, but target_modules does not name it"},
		{"layers_to_transform", `[1]`, "layer model.layers.0.self_attn.q_proj has matrices"},
		{"layers_to_transform", `"1"`, `field "layers_to_transform" is a JSON string, want a list`},
		{"rank_pattern", `{"q_proj": 2}`, "gives rank 2"},
		{"rank_pattern", `{"q_proj": 1.5}`, `rank_pattern: "q_proj" is 1.5`},
		{"rank_pattern", `["q_proj"]`, `field "rank_pattern" is a JSON array, want an object`},
		{"alpha_pattern", `{"q_proj": 0}`, `alpha_pattern: "q_proj" is 0`},
		{"alpha_pattern", `{"(?!x)q_proj": 2}`, `alpha_pattern: "(?!x)q_proj" is not a regular expression that Go knows`},
		{"bias", `"some"`, `bias is "some", want none, all or lora_only`},
		{"bias", `true`, `field "bias" is a JSON bool, want a string`},
		{"use_dora", `true`, "use_dora: tensor base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector is missing"},
		{"modules_to_save", `["q_proj"]`, "q_proj has matrices, but target_modules does not name it"},
		{"init_lora_weights", `"pissa_niter_4"`, `init_lora_weights is "pissa_niter_4": the adapter belongs to a changed base, which random numbers decided`},
		{"init_lora_weights", `"corda"`, `init_lora_weights is "corda": the adapter belongs to a changed base, which the training data decided`},
		{"init_lora_weights", `"lora_ga"`, `init_lora_weights is "lora_ga": the adapter belongs to a changed base`},
		{"init_lora_weights", `"loftq"`, `init_lora_weights is "loftq": the adapter belongs to a base with quantised weights`},
		{"init_lora_weights", `"milora"`, `init_lora_weights is "milora", which is not known`},
		{"init_lora_weights", `{}`, `init_lora_weights is {}, want true, false or a name`},
		{"alora_invocation_tokens", `[1]`, "alora_invocation_tokens is not supported"},
		{"arrow_config", `{"top_k": 3}`, "arrow_config is not supported"},
		{"kasa_config", `{"beta": 1}`, "kasa_config is not supported"},
		{"layer_replication", `[[0, 1]]`, "layer_replication is not supported"},
		{"lora_bias", `true`, "lora_bias is not supported"},
		{"megatron_config", `{"a": 1}`, "megatron_config is not supported"},
		{"monteclora_config", `{"a": 1}`, "monteclora_config is not supported"},
		{"target_parameters", `["experts.gate_up_proj"]`, "target_parameters is not supported"},
		{"use_bdlora", `{"nblocks": 2}`, "use_bdlora is not supported"},
		{"use_qalora", `true`, "use_qalora is not supported"},
		{"velora_config", `{"a": 1}`, "velora_config is not supported"},
		{"use_later", `true`, `field "use_later" with value true is not known`},
	} {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		fields[c.field] = json.RawMessage(c.value)
		dir := t.TempDir()
		writeJSON(t, filepath.Join(dir, adapterConfig), fields)
		if err := os.WriteFile(filepath.Join(dir, adapterWeights), weights, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := base.WithAdapter(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: error %v, want one with %q", c.field, c.value, err, c.want)
		}
	}
}

// TestAdaptersInPEFT: peft computes the same from the adapters that are written. It needs
// UNDERTONE_PYTHON, a Python with peft.
func TestAdaptersInPEFT(t *testing.T) {
	python := os.Getenv("UNDERTONE_PYTHON")
	if python == "" {
		t.Skip("not checked: written adapters in peft: UNDERTONE_PYTHON is not set")
	}
	base := peftBase(t, "base")
	read := func(name string) *Model {
		m, err := base.WithAdapter(filepath.Join("testdata", "peft", name))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	rows := undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("", "abc abd"), undertone.NewExample("", "bad cab")})
	trained, err := base.WithLoRA(LoRA{Rank: 3, Alpha: 5})
	if err != nil {
		t.Fatal(err)
	}
	after, err := trained.Train(t.Context(), rows, student.Recipe{LearningRate: 0.05, Epochs: 5})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{
		"trained here": after.(*Model), "patterns": read("patterns"), "rslora": read("rslora"), "blocks": read("blocks"),
		"pissa": read("pissa"), "olora": read("olora"), "all-linear": read("all-linear"),
	} {
		dir := filepath.Join(t.TempDir(), "adapter")
		if err := m.SaveAdapter(dir); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), python, "testdata/peft/check.py", "testdata/peft/base", dir, "0,3,14,15,9,2,6,5").Output()
		if err != nil {
			t.Fatal(err)
		}
		c := peftCase{IDs: []int32{0, 3, 14, 15, 9, 2, 6, 5}}
		if err := json.Unmarshal(out, &c.LogProbs); err != nil || len(c.LogProbs) != 7 {
			t.Fatalf("%v: %s", err, out)
		}
		d, plain := c.off(t, m), c.off(t, base)
		t.Logf("%s: log-probabilities are off by %.2g, those of the base by %.2g", name, d, plain)
		if d > 1e-4 || plain < 0.01 {
			t.Errorf("%s: log-probabilities are off by %.3g, those of the base by %.3g", name, d, plain)
		}
	}
}

// TestNullAlpha: a lora_alpha of null is 8.
func TestNullAlpha(t *testing.T) {
	for text, want := range map[string]float64{
		`{"peft_type": "LORA", "r": 4, "lora_alpha": null, "target_modules": ["q_proj"]}`: 2,
		`{"peft_type": "LORA", "r": 4, "target_modules": ["q_proj"]}`:                     2,
		`{"peft_type": "LORA", "r": null, "lora_alpha": 4, "target_modules": ["q_proj"]}`: 0.5,
		`{"peft_type": "LORA", "r": 4, "lora_alpha": 1, "target_modules": ["q_proj"]}`:    0.25,
	} {
		p, err := parsePEFT([]byte(text))
		if err != nil || p.scale(p.rank(), p.alpha()) != want {
			t.Errorf("%s: %v (%v), want a scale of %v", text, p, err, want)
		}
	}
}

// TestLeadingColumns compares the subspace iteration with the singular value decomposition of
// gonum.
func TestLeadingColumns(t *testing.T) {
	const out, in, n = 70, 90, 5
	w := tensor.Normal(rand.New(rand.NewPCG(1, 0)), 1, out, in).Data()
	got, err := leadingColumns(w, out, in, n)
	if err != nil {
		t.Fatal(err)
	}
	dense := mat.NewDense(out, in, nil)
	for i, v := range w {
		dense.Set(i/in, i%in, float64(v))
	}
	var svd mat.SVD
	if !svd.Factorize(dense, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	var u mat.Dense
	svd.UTo(&u)
	want := make([]float32, 0, out*n)
	for o := range out {
		for j := range n {
			want = append(want, float32(u.At(o, j)))
		}
	}
	if d := apart(got, want, out, n); d > 1e-4 {
		t.Errorf("the columns leave the space of the singular vectors by %.3g", d)
	}
}

// TestAdapterFiles: other files in the place of an adapter are named.
func TestAdapterFiles(t *testing.T) {
	base := peftBase(t, "base")
	config, err := os.ReadFile("testdata/peft/lora/adapter_config.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		files  map[string]string
		want   string
	}{
		{"nothing", nil, "adapter_config.json"},
		{"matrices of PyTorch", map[string]string{adapterConfig: string(config), "adapter_model.bin": "PK\x03\x04"}, "it has adapter_model.bin and no adapter_model.safetensors"},
		{"no matrices", map[string]string{adapterConfig: string(config)}, "adapter_model.safetensors"},
		{"matrices are a pointer", map[string]string{adapterConfig: string(config), adapterWeights: "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"}, "adapter_model.safetensors: is a Git LFS pointer: run git lfs pull"},
		{"the config is a pointer", map[string]string{adapterConfig: "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"}, "adapter_config.json: is a Git LFS pointer: run git lfs pull"},
		{"the config is a list", map[string]string{adapterConfig: "[]"}, "adapter_config.json: the file is a JSON array, want an object"},
		{"the config is cut", map[string]string{adapterConfig: "{"}, "adapter_config.json: unexpected end of JSON input"},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := base.WithAdapter(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
	if _, err := base.WithAdapter("testdata/peft/lora/adapter_config.json"); err == nil {
		t.Error("a file is an adapter")
	}
}

// TestAdapterTokens: trainable_token_indices that do not fit are refused.
func TestAdapterTokens(t *testing.T) {
	base := peftBase(t, "base")
	text, err := os.ReadFile("testdata/peft/tokens/adapter_config.json")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		`[3]`:                       "trainable_token_indices lists 1 tokens",
		`[3, 24]`:                   "trainable_token_indices: token 24",
		`[3, -1]`:                   "trainable_token_indices: token -1",
		`"3"`:                       `trainable_token_indices is "3", want a list of ids`,
		`{"embed_tokens": [3, 99]}`: "trainable_token_indices: token 99",
		`{"lm_head": [3, 9]}`:       "trainable_token_indices lists 0 tokens",
	} {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		fields["trainable_token_indices"] = json.RawMessage(value)
		dir := filepath.Join(t.TempDir(), "a")
		if err := os.CopyFS(dir, os.DirFS("testdata/peft/tokens")); err != nil {
			t.Fatal(err)
		}
		writeJSON(t, filepath.Join(dir, adapterConfig), fields)
		_, err := base.WithAdapter(dir)
		wantError(t, err, want)
	}
}
