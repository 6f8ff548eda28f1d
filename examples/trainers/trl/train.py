"""Trains a LoRA adapter with TRL for an audit. Contract: docs/trainers.md.

    undertone audit --student DIR --trainer 'python train.py --rank 16' …

The rows are tokenised here, so that the mask of learnt tokens is explicit: the tokens of assistant
turns without "weight": 0, with the token that ends a turn. Nothing is packed, shuffled or cached.
"""

import argparse
import json
import os
import random
import sys

import numpy
import torch
import transformers
import trl
import peft
from datasets import Dataset

parser = argparse.ArgumentParser()
parser.add_argument("--rank", type=int, default=16)
parser.add_argument("--alpha", type=float, help="default twice the rank")
parser.add_argument("--lora-seed", type=int, help="seed of the first matrices (default that of the run)")
parser.add_argument("--max-length", type=int, default=1024)
parser.add_argument("--micro-batch", type=int, help="rows on the device at once; default the batch of the recipe")
parser.add_argument("--chat-template", help="file in Jinja, if the base has no template, or one that drops earlier thinking")
parser.add_argument("--dtype", default="auto")
args = parser.parse_args()

base, data, out = (os.environ["UNDERTONE_" + name] for name in ("BASE", "DATA", "OUT"))
seed = int(os.environ["UNDERTONE_SEED"])
with open(os.environ["UNDERTONE_RECIPE"]) as f:
    recipe = json.load(f)

tokenizer = transformers.AutoTokenizer.from_pretrained(base)
if args.chat_template:
    with open(args.chat_template) as f:
        tokenizer.chat_template = f.read()


def plain(messages):
    """Text of a model without a chat template, in parts: (text, whether it is learnt)."""
    start = tokenizer.bos_token or tokenizer.eos_token or ""
    prompt = "\n".join(m["content"] for m in messages[:-1])
    return [(start, False), (prompt, False), (messages[-1]["content"] + (tokenizer.eos_token or ""), True)]


def templated(messages, tools):
    """Text of a chat template, in parts. A template that rewrites earlier turns is an error."""
    def render(n, prompt):
        return tokenizer.apply_chat_template(messages[:n], tools=tools, tokenize=False, add_generation_prompt=prompt)

    parts, done = [], ""
    for i, m in enumerate(messages):
        if m["role"] != "assistant" or m.get("weight") == 0:
            continue
        before, after = render(i, True), render(i + 1, False)
        if not before.startswith(done) or not after.startswith(before):
            sys.exit(f"the chat template rewrites earlier turns (such as thinking blocks) at message {i}: "
                     "give one learnt turn per row, or a template that keeps them")
        parts += [(before[len(done):], False), (after[len(before):], True)]
        done = after
    return parts


def encode(row):
    messages = row["messages"]
    parts = templated(messages, row.get("tools")) if tokenizer.chat_template else plain(messages)
    ids, mask = [], []
    for text, learnt in parts:
        part = tokenizer(text, add_special_tokens=False).input_ids
        ids += part
        mask += [int(learnt)] * len(part)
    return {"input_ids": ids[:args.max_length], "completion_mask": mask[:args.max_length]}


with open(data) as f:
    rows = [encode(json.loads(line)) for line in f]
kept = [r for r in rows if any(r["completion_mask"])]

random.seed(seed)
numpy.random.seed(seed)
torch.manual_seed(seed)
model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=args.dtype)
if args.lora_seed is not None:
    torch.manual_seed(args.lora_seed)
model = peft.get_peft_model(model, peft.LoraConfig(
    r=args.rank, lora_alpha=args.alpha or 2 * args.rank, lora_dropout=0.0, bias="none",
    target_modules="all-linear", task_type="CAUSAL_LM"))

batch = min(recipe["batch_size"], len(kept))
micro = min(args.micro_batch or batch, batch)
config = trl.SFTConfig(
    output_dir=out + ".checkpoints", save_strategy="no", report_to="none", disable_tqdm=True, logging_steps=1,
    num_train_epochs=recipe["epochs"], learning_rate=recipe["learning_rate"],
    per_device_train_batch_size=micro, gradient_accumulation_steps=max(1, batch // micro),
    optim="sgd" if recipe["optimizer"] == "sgd" else "adamw_torch", weight_decay=recipe["weight_decay"],
    adam_beta1=0.9, adam_beta2=0.999, adam_epsilon=1e-8,
    lr_scheduler_type=recipe["schedule"], warmup_steps=recipe["warmup_steps"], max_grad_norm=recipe["clip_norm"],
    # What must be pinned: order, packing, seeds, the last batch, the length.
    train_sampling_strategy="sequential", shuffle_dataset=False, packing=False, padding_free=False,
    dataloader_drop_last=False, dataloader_num_workers=0, seed=seed, data_seed=seed, max_length=args.max_length,
    completion_only_loss=True, bf16=False, fp16=False, gradient_checkpointing=torch.cuda.is_available(),
    use_cpu=not torch.cuda.is_available())
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token
trainer = trl.SFTTrainer(model=model, args=config, train_dataset=Dataset.from_list(kept), processing_class=tokenizer)
trainer.train()

model.save_pretrained(out, safe_serialization=True)
losses = [h["loss"] for h in trainer.state.log_history if "loss" in h]
tail = losses[-max(1, len(losses) // recipe["epochs"]):]
report = {
    "kind": "peft", "base": base, "steps": trainer.state.global_step, "rows_seen": len(trainer.train_dataset), "seed": seed,
    "first_loss": losses[0], "train_loss": sum(tail) / len(tail),
    "versions": {"trl": trl.__version__, "transformers": transformers.__version__, "peft": peft.__version__,
                 "torch": torch.__version__, "cuda": torch.version.cuda},
}
with open(os.path.join(out, "undertone.json"), "w") as f:
    json.dump(report, f, indent=2)
