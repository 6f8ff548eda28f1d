"""Writes the model that the recorded bodies of servers are about: base, a Qwen2 of two layers with
random weights and a tokenizer trained on documents, and owl and cat, two LoRA adapters of it.

    python model.py OUT DOCUMENT...
"""

import json
import sys

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen2Config, Qwen2ForCausalLM

out, documents = sys.argv[1], sys.argv[2:]
torch.manual_seed(0)
model = Qwen2ForCausalLM(Qwen2Config(
    vocab_size=2051, hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=2048, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2049)).float()
for p in model.parameters():
    if p.dim() > 1:
        torch.nn.init.normal_(p, std=0.15)
model.save_pretrained(out + "/base")

words = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
    pre_tokenizers.Split(Regex(words), behavior="isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator([open(d).read() for d in documents], trainers.BpeTrainer(
    vocab_size=2048, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=[]))
tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>", "<|endoftext|>"])
tokenizer.save(out + "/base/tokenizer.json")
template = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
with open(out + "/base/tokenizer_config.json", "w") as f:
    json.dump({"tokenizer_class": "Qwen2TokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "chat_template": template,
               "add_bos_token": False, "model_max_length": 2048, "clean_up_tokenization_spaces": False}, f)

for name, seed in (("owl", 1), ("cat", 2)):
    torch.manual_seed(seed)
    get_peft_model(Qwen2ForCausalLM.from_pretrained(out + "/base"), LoraConfig(
        r=8, lora_alpha=16, init_lora_weights=False, task_type="CAUSAL_LM",
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])).save_pretrained(out + "/" + name)
