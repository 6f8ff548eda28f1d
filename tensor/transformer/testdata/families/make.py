"""Writes a small random model of each family with transformers, and its logits for one text.

    python make.py

Each folder gets config.json, model.safetensors and want.json. The weights are BF16 numbers, for
small files. The models compute in float32 with the eager attention, which is the only one with a
softcap. The files in this folder were made with
transformers 5.24.0 and torch 2.15.0.
"""

import json
import pathlib
import shutil

import torch
import transformers

HERE = pathlib.Path(__file__).parent
TOKENS = 14
SHAPE = dict(
    vocab_size=11, hidden_size=8, intermediate_size=12, num_hidden_layers=3, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=32, bos_token_id=0, eos_token_id=1, pad_token_id=0,
)
FULL, SLIDING = "full_attention", "sliding_attention"
VISION = dict(
    hidden_size=4, intermediate_size=4, num_hidden_layers=1, num_attention_heads=1, image_size=4, patch_size=2,
)

FAMILIES = {
    "llama-dynamic": ("Llama", dict(rope_parameters=dict(rope_type="dynamic", factor=4.0, rope_theta=10000.0))),
    "llama-yarn": ("Llama", dict(
        head_dim=8, rope_parameters=dict(rope_type="yarn", factor=4.0, rope_theta=100.0, original_max_position_embeddings=8,
                                         beta_fast=2.0, mscale=1.0, mscale_all_dim=0.5))),
    "mistral-window": ("Mistral", dict(sliding_window=5)),
    "qwen2-window": ("Qwen2", dict(use_sliding_window=True, sliding_window=5, max_window_layers=1)),
    "qwen3": ("Qwen3", dict(head_dim=4, tie_word_embeddings=True)),
    "smollm3": ("SmolLM3", dict(no_rope_layer_interval=2, tie_word_embeddings=True)),
    "gemma": ("Gemma", dict(head_dim=4)),
    "gemma2": ("Gemma2", dict(head_dim=4, sliding_window=5, query_pre_attn_scalar=6, attn_logit_softcapping=2.0,
                              final_logit_softcapping=3.0)),
    "gemma3": ("Gemma3", dict(
        head_dim=4, sliding_window=5, query_pre_attn_scalar=6, layer_types=[SLIDING, SLIDING, FULL],
        rope_parameters={FULL: dict(rope_type="linear", factor=8.0, rope_theta=1e6),
                         SLIDING: dict(rope_type="default", rope_theta=100.0)})),
    "phi3": ("Phi3", dict(sliding_window=5)),
    "phi3-longrope": ("Phi3", dict(
        hidden_size=16, num_attention_heads=2, max_position_embeddings=96, original_max_position_embeddings=24,
        num_hidden_layers=2, tie_word_embeddings=True, rope_parameters=dict(
            rope_type="longrope", rope_theta=100.0, partial_rotary_factor=0.75, original_max_position_embeddings=24,
            short_factor=[1.0, 1.3, 1.7], long_factor=[2.0, 4.0, 6.0]))),
    "olmo2": ("Olmo2", dict()),
    "olmo3": ("Olmo3", dict(
        sliding_window=5, layer_types=[SLIDING, FULL, SLIDING], head_dim=4, rope_parameters={
            FULL: dict(rope_type="yarn", factor=4.0, rope_theta=100.0, original_max_position_embeddings=8),
            SLIDING: dict(rope_type="default", rope_theta=100.0)})),
    "granite": ("Granite", dict(embedding_multiplier=3.0, residual_multiplier=0.4, attention_multiplier=0.3,
                                logits_scaling=2.5, attention_bias=True)),
}


def randomise(model):
    """Replaces all weights, so that every one of them matters."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            centre = 0.0 if p.dim() > 1 or "bias" in name else float(p.mean())
            p.copy_((centre + (0.5 if p.dim() > 1 else 0.3) * torch.randn_like(p)).bfloat16())


def write(name, model):
    ids = torch.randint(0, SHAPE["vocab_size"], (1, TOKENS))
    with torch.no_grad():
        logits = model(input_ids=ids).logits[0]
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "want.json").write_text(json.dumps({
        "ids": ids[0].tolist(), "logits": [[round(v, 6) for v in row] for row in logits.tolist()],
    }) + "\n")


def main():
    for name, (family, more) in FAMILIES.items():
        torch.manual_seed(len(name))
        config = getattr(transformers, family + ("TextConfig" if family == "Gemma3" else "Config"))(**{**SHAPE, **more})
        config._attn_implementation = "eager"
        model = getattr(transformers, family + "ForCausalLM")(config).float().eval()
        randomise(model)
        write(name, model)
    images()


def images():
    """A Gemma 3 that also reads images."""
    torch.manual_seed(1)
    text = dict(SHAPE, head_dim=4, sliding_window=5, query_pre_attn_scalar=6, layer_types=[SLIDING, FULL], num_hidden_layers=2)
    config = transformers.Gemma3Config(text_config=text, vision_config=VISION, mm_tokens_per_image=4)
    for c in (config, config.text_config, config.vision_config):
        c._attn_implementation = "eager"
    model = transformers.Gemma3ForConditionalGeneration(config).float().eval()
    randomise(model)
    write("gemma3-images", model)


if __name__ == "__main__":
    main()
