package lm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// peft is the part of an adapter_config.json of Hugging Face's PEFT that is read.
type peft struct {
	Type  string   `json:"peft_type"`
	Base  string   `json:"base_model_name_or_path"`
	Rank  *int     `json:"r"`
	Alpha *float64 `json:"lora_alpha"`

	Targets       names   `json:"target_modules"`
	Excluded      names   `json:"exclude_modules"`
	Blocks        indices `json:"layers_to_transform"`
	BlocksPattern names   `json:"layers_pattern"`
	Ranks         pattern `json:"rank_pattern"`
	Alphas        pattern `json:"alpha_pattern"`
	RankScaled    bool    `json:"use_rslora"` // the scale is α/√r (Kalajdzievski 2023)
	DoRA          bool    `json:"use_dora"`   // Liu et al. 2024

	Bias       string          `json:"bias"`
	Saved      []string        `json:"modules_to_save"` // trained as a whole
	Tokens     json.RawMessage `json:"trainable_token_indices"`
	Initialise json.RawMessage `json:"init_lora_weights"`
	Tying      bool            `json:"ensure_weight_tying"`
}

// Defaults of PEFT for r and lora_alpha, also if the field is null.
const (
	peftRank  = 8
	peftAlpha = 8
)

func (p *peft) rank() int {
	if p.Rank == nil {
		return peftRank
	}
	return *p.Rank
}

func (p *peft) alpha() float64 {
	if p.Alpha == nil {
		return peftAlpha
	}
	return *p.Alpha
}

// scale returns the factor of B·A.
func (p *peft) scale(rank int, alpha float64) float64 {
	if p.RankScaled {
		return alpha / math.Sqrt(float64(rank))
	}
	return alpha / float64(rank)
}

// refusedFields are fields that change what the matrices mean, with the reason why a value is not
// supported.
var refusedFields = map[string]string{
	"alora_invocation_tokens": "an activated LoRA has an effect only after these tokens",
	"arrow_config":            "Arrow chooses between several adapters",
	"kasa_config":             "KaSA changes the base and has further matrices",
	"layer_replication":       "the adapter belongs to a model with repeated blocks",
	"lora_bias":               "the second matrix has a bias",
	"megatron_config":         "Megatron divides the layers in another way",
	"monteclora_config":       "MonteCLoRA has further matrices",
	"target_parameters":       "LoRA of parameters that are not layers",
	"use_bdlora":              "BD-LoRA stores block-diagonal matrices",
	"use_qalora":              "QA-LoRA averages its inputs",
	"velora_config":           "VeLoRA has further matrices",
}

// harmlessFields are fields that do not matter to a trained adapter: where it comes from, and how
// its training began.
var harmlessFields = []string{
	"auto_mapping", "corda_config", "eva_config", "fan_in_fan_out", "inference_mode", "lora_dropout", "lora_ga_config",
	"loftq_config", "megatron_core", "peft_version", "qalora_group_size", "revision", "runtime_config", "task_type",
}

// readPEFT reads and checks the adapter_config.json of a folder.
func readPEFT(dir string) (*peft, error) {
	text, err := readFile(filepath.Join(dir, adapterConfig))
	if err == nil {
		var p *peft
		if p, err = parsePEFT(text); err == nil {
			return p, nil
		}
		err = fmt.Errorf("%s: %w", adapterConfig, err)
	}
	return nil, err
}

func parsePEFT(text []byte) (*peft, error) {
	if isPointer(text) {
		return nil, errPointer
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, explainJSON(err)
	}
	var p peft
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, explainJSON(err)
	}
	if p.Type != "LORA" {
		return nil, fmt.Errorf("peft_type is %.40q, want LORA", p.Type)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		switch reason, refused := refusedFields[name]; {
		case isEmpty(value) || slices.Contains(harmlessFields, name) || isRead(name):
		case refused:
			return nil, fmt.Errorf("%s is not supported: %s; merge the adapter into its base with PEFT", name, reason)
		default:
			return nil, fmt.Errorf("field %.80q with value %.80s is not known, and may change the meaning of the matrices; merge the adapter into its base with PEFT", name, value)
		}
	}
	return &p, p.check()
}

// check returns an error that names the first field with a value that is out of range or not
// supported.
func (p *peft) check() error {
	switch {
	case p.rank() < 1:
		return fmt.Errorf("r is %d, want at least 1", p.rank())
	case !(p.alpha() > 0 && p.alpha() < 1e6):
		return fmt.Errorf("lora_alpha is %v, want more than 0 and less than 1e6", p.alpha())
	case len(p.Targets.list) == 0 && p.Targets.expression == "":
		return errors.New("target_modules is empty")
	case !slices.Contains([]string{"", "none", "all", "lora_only"}, p.Bias):
		return fmt.Errorf("bias is %.40q, want none, all or lora_only", p.Bias)
	case p.Tying && len(p.Saved) > 0:
		return errors.New("ensure_weight_tying with modules_to_save is not supported; merge the adapter into its base with PEFT")
	}
	for name, n := range map[string]names{"target_modules": p.Targets, "exclude_modules": p.Excluded, "layers_pattern": p.BlocksPattern} {
		if len(n.list) > maxNames {
			return fmt.Errorf("%s has %d elements, want at most %d", name, len(n.list), maxNames)
		}
	}
	if len(p.Saved) > maxNames {
		return fmt.Errorf("modules_to_save has %d elements, want at most %d", len(p.Saved), maxNames)
	}
	for i, rank := range p.Ranks.values {
		if rank < 1 || rank != math.Trunc(rank) {
			return fmt.Errorf("rank_pattern: %q is %v, want a whole number, at least 1", p.Ranks.keys[i], rank)
		}
	}
	for i, alpha := range p.Alphas.values {
		if !(alpha > 0 && alpha < 1e6) {
			return fmt.Errorf("alpha_pattern: %q is %v, want more than 0 and less than 1e6", p.Alphas.keys[i], alpha)
		}
	}
	if err := cmp.Or(p.Ranks.compile("rank_pattern"), p.Alphas.compile("alpha_pattern")); err != nil {
		return err
	}
	_, err := p.residual()
	return err
}

// Initialisations that subtract a part of the weights from the base.
const (
	plainInit = ""
	pissa     = "pissa" // Meng et al. 2024
	olora     = "olora" // Büyükakyüz 2024
)

// residual returns the initialisation if it changed the base in a way that can be computed again,
// plainInit if it did not change the base, and otherwise an error.
func (p *peft) residual() (string, error) {
	switch text := string(bytes.TrimSpace(p.Initialise)); text {
	case "", "null", "true", "false":
		return plainInit, nil
	}
	var name string
	if err := json.Unmarshal(p.Initialise, &name); err != nil {
		return "", fmt.Errorf("init_lora_weights is %.40s, want true, false or a name", p.Initialise)
	}
	const convert = "convert it with path_initial_model_for_weight_conversion of PEFT's save_pretrained, or merge it into its base"
	switch {
	case name == "gaussian" || name == "orthogonal" || name == "eva" || name == "mica":
		return plainInit, nil
	case name == pissa || strings.ToLower(name) == olora:
		if p.DoRA {
			return "", fmt.Errorf("init_lora_weights %q with use_dora is not supported; %s", name, convert)
		}
		return strings.ToLower(name), nil
	case strings.HasPrefix(name, "pissa_niter_"):
		return "", fmt.Errorf("init_lora_weights is %.40q: the adapter belongs to a changed base, which random numbers decided; %s", name, convert)
	case name == "corda" || name == "lora_ga":
		return "", fmt.Errorf("init_lora_weights is %q: the adapter belongs to a changed base, which the training data decided; %s", name, convert)
	case name == "loftq":
		return "", fmt.Errorf("init_lora_weights is %q: the adapter belongs to a base with quantised weights; %s", name, convert)
	}
	return "", fmt.Errorf("init_lora_weights is %.40q, which is not known; want true, false, gaussian, orthogonal, eva, mica, pissa or olora", name)
}

// isRead reports whether a field of the file is one of peft.
func isRead(name string) bool {
	t := reflect.TypeFor[peft]()
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("json") == name {
			return true
		}
	}
	return false
}

// isEmpty reports whether a value is null, false, 0 or has no elements.
func isEmpty(value json.RawMessage) bool {
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return false
	}
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case float64:
		return v == 0
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
