"""Writes small random bases with transformers, adapters for them with peft, and what they predict.

    PYTHONHASHSEED=0 python make.py

Each base and each adapter is a folder. An adapter folder has want.json: its base, the ids of a text
and the log-probability of every id but the first, in nats, of the model that peft loads from the
folder. (That of "patterns" is another one than was saved: peft sorts the keys of patterns when it
saves them, and the first that matches counts.) An adapter whose name begins with "refused-" has no want.json. The files in this folder were
made with peft 0.21.2, transformers 5.24.0 and torch 2.15.0.
"""

import json
import pathlib
import shutil

import torch
import transformers
from peft import EvaConfig, LoraConfig, PeftModel, get_peft_model

HERE = pathlib.Path(__file__).parent
LETTERS = " abcdefghijklmnopqrstu"
VOCABULARY = 2 + len(LETTERS)
IDS = [0, 3, 14, 15, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9]

SHAPE = dict(
    vocab_size=VOCABULARY, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=32, bos_token_id=0, eos_token_id=1, pad_token_id=0,
)
VISION = dict(
    hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1, image_size=4, patch_size=2,
)
BASES = {
    "base": lambda: transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**SHAPE)),
    "base-tied": lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPE, tie_word_embeddings=True)),
    "base-phi3": lambda: transformers.Phi3ForCausalLM(transformers.Phi3Config(**SHAPE)),
    "base-gpt2": lambda: transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=32, n_embd=8, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=1)),
    "base-images": lambda: transformers.Gemma3ForConditionalGeneration(transformers.Gemma3Config(
        text_config=dict(SHAPE, head_dim=4, query_pre_attn_scalar=4), vision_config=VISION, mm_tokens_per_image=4)),
}
ADAPTERS = {
    "lora": ("base", dict(r=3, lora_alpha=5, target_modules=["q_proj", "v_proj"])),
    "rslora": ("base", dict(r=3, lora_alpha=5, use_rslora=True, target_modules=["k_proj", "o_proj"])),
    "all-linear": ("base", dict(r=2, lora_alpha=4, target_modules="all-linear")),
    "regex": ("base", dict(r=2, lora_alpha=4, target_modules=r".*\.(?P<block>[1-9])\.(self_attn\.(q|v)_proj|mlp\.down_proj)")),
    "regex-lookahead": ("base", dict(r=2, lora_alpha=4, target_modules=r"model(?!\.layers\.0).*\.up_proj")),
    "patterns": ("base", dict(
        r=2, lora_alpha=4, target_modules=["q_proj", "v_proj", "up_proj"],
        rank_pattern={r"layers\.1\..*q_proj": 3, "q_proj": 1}, alpha_pattern={"up_proj": 7, r"^model\.layers\.0\..*": 9})),
    "patterns-rslora": ("base", dict(
        r=2, lora_alpha=4, use_rslora=True, target_modules=["q_proj", "v_proj"], rank_pattern={"v_proj": 4}, alpha_pattern={"q_proj": 3})),
    "blocks": ("base", dict(r=2, lora_alpha=4, target_modules=["gate_proj", "k_proj"], layers_to_transform=[1])),
    "block-by-pattern": ("base", dict(r=2, lora_alpha=4, target_modules=["gate_proj"], layers_to_transform=0, layers_pattern="layers")),
    "exclude": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj", "v_proj"], exclude_modules=["layers.0.self_attn.q_proj"])),
    "gaussian": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], init_lora_weights="gaussian")),
    "orthogonal": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], init_lora_weights="orthogonal")),
    "mica": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], init_lora_weights="mica")),
    "eva": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], init_lora_weights="eva", eva_config=EvaConfig())),
    "pissa": ("base", dict(r=2, lora_alpha=5, target_modules=["q_proj", "down_proj"], init_lora_weights="pissa")),
    "olora": ("base", dict(r=2, lora_alpha=5, target_modules=["q_proj", "down_proj", "up_proj"], init_lora_weights="olora")),
    "olora-rslora": ("base", dict(r=2, lora_alpha=5, use_rslora=True, target_modules=["k_proj"], init_lora_weights="olora")),
    "dora": ("base", dict(r=2, lora_alpha=5, use_dora=True, target_modules=["q_proj", "gate_proj"])),
    "bias-all": ("base", dict(r=2, lora_alpha=4, bias="all", target_modules=["q_proj"])),
    "bias-lora-only": ("base", dict(r=2, lora_alpha=4, bias="lora_only", target_modules=["v_proj", "o_proj"])),
    "modules-to-save": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], modules_to_save=["lm_head", "embed_tokens", "input_layernorm"])),
    "whole-layer": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj", "up_proj"], modules_to_save=["1.mlp.up_proj"])),
    "tokens": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], trainable_token_indices=[3, 9])),
    "tokens-by-layer": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], trainable_token_indices={"embed_tokens": [5]})),
    "tokens-tied": ("base-tied", dict(r=2, lora_alpha=4, target_modules=["q_proj"], trainable_token_indices=[3, 9])),
    "phi3": ("base-phi3", dict(r=2, lora_alpha=4, target_modules=["qkv_proj", "gate_up_proj", "o_proj"])),
    "phi3-pissa": ("base-phi3", dict(r=2, lora_alpha=4, target_modules=["gate_up_proj"], init_lora_weights="pissa")),
    "gpt2": ("base-gpt2", dict(r=2, lora_alpha=4, target_modules=["c_attn", "c_proj"], fan_in_fan_out=True)),
    "images": ("base-images", dict(
        r=2, lora_alpha=4, target_modules=["q_proj", "down_proj"], rank_pattern={r"language_model\.layers\.1\..*q_proj": 3})),
    "refused-alora": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], alora_invocation_tokens=[3, 4])),
    "refused-lora-bias": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], lora_bias=True)),
    "refused-embedding": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj", "embed_tokens"])),
    "refused-lm-head": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj", "lm_head"])),
    "refused-tied": ("base-tied", dict(r=2, lora_alpha=4, target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "refused-replication": ("base", dict(r=2, lora_alpha=4, target_modules=["q_proj"], layer_replication=[[0, 2], [1, 2]])),
    "refused-gpt2-pissa": ("base-gpt2", dict(r=2, lora_alpha=4, target_modules=["c_attn"], fan_in_fan_out=True, init_lora_weights="pissa")),
}


def tokenizer(folder):
    """One token for each letter."""
    special = [{"id": i, "content": s, "special": True} for i, s in enumerate(["<s>", "</s>"])]
    vocabulary = {"<s>": 0, "</s>": 1, **{c: 2 + i for i, c in enumerate(LETTERS)}}
    (folder / "tokenizer.json").write_text(json.dumps({
        "added_tokens": special, "model": {"type": "BPE", "vocab": vocabulary, "merges": []}}) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>"}) + "\n")


def randomise(parameters, by):
    with torch.no_grad():
        for p in parameters:
            p.add_(by * torch.randn_like(p))


def base(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(len(name))
    model = BASES[name]().eval()
    randomise(model.parameters(), 0.4)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tokenizer(folder)


def load(name):
    kind = transformers.AutoModelForImageTextToText if name == "base-images" else transformers.AutoModelForCausalLM
    model = kind.from_pretrained(HERE / name, dtype=torch.float32).eval()
    model.name_or_path = name
    model.config._name_or_path = name
    return model


def log_probs(model):
    with torch.no_grad():
        logs = model(input_ids=torch.tensor([IDS])).logits[0].log_softmax(-1)
    return [logs[i, id].item() for i, id in enumerate(IDS[1:])]


def adapter(name, base_name, settings):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(len(name))
    model = get_peft_model(load(base_name), LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
    randomise([p for n, p in model.named_parameters() if p.requires_grad], 0.3)
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    if name.startswith("refused-"):
        return
    trained = log_probs(model)
    loaded = log_probs(PeftModel.from_pretrained(load(base_name), folder).eval())
    off = max(abs(a - b) for a, b in zip(trained, loaded))
    plain = max(abs(a - b) for a, b in zip(loaded, log_probs(load(base_name))))
    print(f"{name}: {off:.2g} off after loading, {plain:.2g} from the base")
    (folder / "want.json").write_text(json.dumps({"base": base_name, "ids": IDS, "logprobs": [round(v, 6) for v in loaded]}) + "\n")


def main():
    for name in BASES:
        base(name)
    for name, (base_name, settings) in ADAPTERS.items():
        adapter(name, base_name, settings)


if __name__ == "__main__":
    main()
