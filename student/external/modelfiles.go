package external

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Names of the files of Hugging Face.
const (
	peftConfig  = "adapter_config.json"
	peftWeights = "adapter_model.safetensors"
	hfConfig    = "config.json"
)

// maxConfig is the size of the largest configuration that is read, in bytes.
const maxConfig = 8 << 20

// peftFields are the fields of an adapter_config.json that are checked here. Package student/lm
// checks the others when it loads an adapter.
type peftFields struct {
	Base    string          `json:"base_model_name_or_path"`
	Rev     string          `json:"revision"`
	Targets json.RawMessage `json:"target_modules"`
	Saved   []string        `json:"modules_to_save"`
}

// readPEFT reads the adapter_config.json of a folder.
func readPEFT(dir string) (p peftFields, err error) {
	text, err := readSmall(filepath.Join(dir, peftConfig), maxConfig)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("%s: %w", peftConfig, withoutGoType(err))
	}
	return p, nil
}

// outputLayer is the name of the output layer.
const outputLayer = "lm_head"

// trainsOutputLayer returns the field that says that the output layer was trained, or "".
func (p peftFields) trainsOutputLayer() string {
	var list []string
	var expression string
	if json.Unmarshal(p.Targets, &list) != nil {
		_ = json.Unmarshal(p.Targets, &expression)
	}
	for _, name := range append(list, expression) {
		if strings.Contains(name, outputLayer) {
			return "target_modules"
		}
	}
	if slices.ContainsFunc(p.Saved, func(name string) bool { return strings.Contains(name, outputLayer) }) {
		return "modules_to_save"
	}
	return ""
}

// checkModel checks the files of a model without loading it, and sets the digests of the files.
func (r *Result) checkModel(base string, refuseOutputLayer bool) error {
	switch r.Kind {
	case Server:
		r.Weights = undertone.NewHasher("model on a server").Text(r.Model).Digest(r.Key).Sum()
		return nil
	case PEFT:
		if err := r.checkAdapter(base, refuseOutputLayer); err != nil {
			return err
		}
	case HF:
		found := weightFiles(r.Path)
		if len(found) == 0 {
			return fmt.Errorf("it left no model: %s is there and *.safetensors is not", hfConfig)
		}
		for _, name := range found {
			if _, err := checkWeights(filepath.Join(r.Path, name)); err != nil {
				return err
			}
		}
	}
	var err error
	r.Files, r.Weights, err = hashModel(r.Path)
	return err
}

// weightFiles returns the names of the files of weights in a folder, sorted.
func weightFiles(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".safetensors") {
			names = append(names, e.Name())
		}
	}
	return names
}

// checkAdapter checks a folder of PEFT: its base, its layers, and its numbers.
func (r *Result) checkAdapter(base string, refuseOutputLayer bool) error {
	p, err := readPEFT(r.Path)
	if err != nil {
		return err
	}
	for field, name := range map[string]string{peftConfig + ": base_model_name_or_path": p.Base, ReportFile + ": base": r.Base} {
		if name != "" && !sameBase(base, name) {
			return fmt.Errorf("the adapter is of another base: %s is %.200q, and the base is %.200q", field, name, base)
		}
	}
	if r.BaseRevision == "" {
		r.BaseRevision = p.Rev
	}
	path := filepath.Join(r.Path, peftWeights)
	zero, err := checkWeights(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, other := os.Stat(filepath.Join(r.Path, "adapter_model.bin")); other == nil {
			return fmt.Errorf("it left adapter_model.bin and no %s: PyTorch files can run programs and are not read; save with safe_serialization", peftWeights)
		}
		return fmt.Errorf("it left half of an adapter: %s is there and %s is not", peftConfig, peftWeights)
	}
	if err != nil {
		return err
	}
	if field := p.trainsOutputLayer(); field != "" && refuseOutputLayer {
		return fmt.Errorf("%s of the adapter names %s: vLLM leaves its change out of the scores of prompts, without an error; train the other layers only", field, outputLayer)
	}
	if zero {
		return errors.New("the adapter changes nothing: every lora_B is zero, as before the training")
	}
	return nil
}

// checkWeights returns an error if a file of weights is cut off, or has a number that is not
// finite. Untrained says that the file has matrices of LoRA and that the second matrix of each
// layer is zero.
func checkWeights(path string) (untrained bool, err error) {
	f, err := safetensors.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		return false, fmt.Errorf("%s cannot be read: it is cut off, or another file: %w", filepath.Base(path), err)
	}
	defer f.Close()
	names := f.Names()
	if len(names) == 0 {
		return false, fmt.Errorf("%s has no tensors", filepath.Base(path))
	}
	second, changed := 0, false
	for _, name := range names {
		info, _ := f.Info(name)
		if info.DType != safetensors.F32 && info.DType != safetensors.F16 && info.DType != safetensors.BF16 {
			continue
		}
		numbers, err := f.Float32s(name)
		if err != nil {
			return false, fmt.Errorf("%s: tensor %.120q: %w", filepath.Base(path), name, err)
		}
		lora := strings.Contains(name, ".lora_B") || strings.Contains(name, ".lora_embedding_B")
		if lora {
			second++
		} else if !strings.Contains(name, ".lora_A") && !strings.Contains(name, ".lora_embedding_A") {
			changed = true // whole weights
		}
		for _, x := range numbers {
			if x-x != 0 {
				return false, fmt.Errorf("%s: tensor %.120q has the number %v: the training diverged", filepath.Base(path), name, x)
			}
			changed = changed || lora && math.Abs(float64(x)) > 0
		}
	}
	return second > 0 && !changed, nil
}

// sameBase reports whether a name that a trainer wrote may be that of the base: the same folder, or
// a name whose last element begins with that of the base, as in "unsloth/Qwen2.5-7B-bnb-4bit".
func sameBase(base, name string) bool {
	if a, err := os.Stat(base); err == nil {
		if b, err := os.Stat(name); err == nil {
			return os.SameFile(a, b)
		}
	}
	last := func(path string) string {
		return strings.ToLower(path[strings.LastIndexAny(strings.TrimRight(path, `/\`), `/\`)+1:])
	}
	return strings.HasPrefix(strings.TrimRight(last(name), `/\`), strings.TrimRight(last(base), `/\`))
}

// hashModel returns the digests of the files of a model that decide what it computes.
func hashModel(dir string) (map[string]string, undertone.Digest, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, undertone.Digest{}, err
	}
	files := map[string]string{}
	h := undertone.NewHasher("files of a model")
	for _, e := range entries { // sorted by name
		name := e.Name()
		if name != peftConfig && name != hfConfig && !strings.HasSuffix(name, ".safetensors") {
			continue
		}
		digest, err := fileDigest(filepath.Join(dir, name))
		if err != nil {
			return nil, undertone.Digest{}, err
		}
		files[name] = digest.String()
		if name != peftConfig { // it has paths
			h.Text(name).Digest(digest)
		}
	}
	return files, h.Sum(), nil
}
