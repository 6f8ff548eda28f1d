"""Writes the folder base of model.py as a GGUF file, for llama.cpp.

    python gguf_file.py BASE OUT.gguf
"""

import json
import sys

import gguf
from safetensors.torch import load_file

base, out = sys.argv[1:]
with open(base + "/config.json") as f:
    config = json.load(f)
with open(base + "/tokenizer.json") as f:
    tokenizer = json.load(f)
with open(base + "/tokenizer_config.json") as f:
    template = json.load(f)["chat_template"]
weights = load_file(base + "/model.safetensors")

w = gguf.GGUFWriter(out, "qwen2")
w.add_name("base")
w.add_context_length(config["max_position_embeddings"])
w.add_embedding_length(config["hidden_size"])
w.add_block_count(config["num_hidden_layers"])
w.add_feed_forward_length(config["intermediate_size"])
w.add_head_count(config["num_attention_heads"])
w.add_head_count_kv(config["num_key_value_heads"])
w.add_layer_norm_rms_eps(config["rms_norm_eps"])
w.add_rope_freq_base(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])
w.add_file_type(0)

tokens, types = {i: t for t, i in tokenizer["model"]["vocab"].items()}, {}
for a in tokenizer["added_tokens"]:
    tokens[a["id"]], types[a["id"]] = a["content"], 3
w.add_tokenizer_model("gpt2")
w.add_tokenizer_pre("qwen2")
w.add_token_list([tokens[i] for i in range(len(tokens))])
w.add_token_types([types.get(i, 1) for i in range(len(tokens))])
w.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]])
w.add_eos_token_id(2049)
w.add_bos_token_id(2050)
w.add_add_bos_token(False)
w.add_chat_template(template)


def put(name, key):
    w.add_tensor(name, weights[key].float().numpy())


put("token_embd.weight", "model.embed_tokens.weight")
put("output.weight", "lm_head.weight")
put("output_norm.weight", "model.norm.weight")
for i in range(config["num_hidden_layers"]):
    block, layer = f"blk.{i}.", f"model.layers.{i}."
    for name, key in (("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj")):
        put(f"{block}{name}.weight", f"{layer}{key}.weight")
        put(f"{block}{name}.bias", f"{layer}{key}.bias")
    for name, key in (("attn_output", "self_attn.o_proj"), ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
                      ("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm")):
        put(f"{block}{name}.weight", f"{layer}{key}.weight")
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()
