"""Trains a LoRA adapter with Tinker for an audit. Contract: docs/trainers.md.

    TINKER_API_KEY=… undertone audit --trainer 'python train.py --base-model Qwen/Qwen3-8B' …

The loop is here, so the order of the rows is that of the file in every epoch. The weights are
downloaded as an adapter of PEFT. This script has not been run: it follows the reference of
tinker 0.30.
"""

import argparse
import importlib.metadata
import io
import json
import os
import tarfile
import urllib.request

import tinker
from tinker import types

parser = argparse.ArgumentParser()
parser.add_argument("--base-model", required=True, help="name of the base at Tinker")
parser.add_argument("--rank", type=int, default=16)
args = parser.parse_args()

seed = int(os.environ["UNDERTONE_SEED"])
out = os.environ["UNDERTONE_OUT"]
with open(os.environ["UNDERTONE_RECIPE"]) as f:
    recipe = json.load(f)

service = tinker.ServiceClient()
client = service.create_lora_training_client(base_model=args.base_model, rank=args.rank, seed=seed, train_unembed=False)
tokenizer = client.get_tokenizer()


def datum(row):
    """The tokens of a row; the last turn is learnt."""
    messages = row["messages"]
    if any(m["role"] == "assistant" and m.get("weight") != 0 for m in messages[:-1]):
        raise SystemExit("a row has several learnt turns; read rows with --turns last")
    prompt = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(messages, tokenize=False)
    if not whole.startswith(prompt):
        raise SystemExit("the chat template changes the prompt when an answer follows (such as a thinking block)")
    before = tokenizer.encode(prompt, add_special_tokens=False)
    after = tokenizer.encode(whole[len(prompt):], add_special_tokens=False)
    ids = before + after
    return types.Datum(
        model_input=types.ModelInput.from_ints(ids[:-1]),
        loss_fn_inputs={"target_tokens": ids[1:], "weights": [0.0] * (len(before) - 1) + [1.0] * len(after)})


with open(os.environ["UNDERTONE_DATA"]) as f:
    rows = [datum(json.loads(line)) for line in f]
learnt = [sum(r.loss_fn_inputs["weights"].data) for r in rows]
batch, steps, losses, seen = min(recipe["batch_size"], len(rows)), 0, [], set()
for epoch in range(recipe["epochs"]):
    for at in range(0, len(rows), batch):
        part = rows[at:at + batch]
        backward = client.forward_backward(part, "cross_entropy")
        client.optim_step(types.AdamParams(learning_rate=recipe["learning_rate"], beta1=0.9, beta2=0.999, eps=1e-8)).result()
        total = 0.0
        for result, row in zip(backward.result().loss_fn_outputs, part):
            total -= sum(l * w for l, w in zip(result["logprobs"].data, row.loss_fn_inputs["weights"].data))
        losses.append(total / sum(learnt[at:at + batch]))
        seen.update(range(at, at + len(part)))
        steps += 1

path = client.save_weights_for_sampler(f"undertone-{seed}").result().path
url = service.create_rest_client().get_checkpoint_archive_url_from_tinker_path(path).result().url
with urllib.request.urlopen(url) as response:
    with tarfile.open(fileobj=io.BytesIO(response.read())) as archive:
        archive.extractall(out, filter="data")
with open(os.path.join(out, "undertone.json"), "w") as f:
    json.dump({"kind": "peft", "base": os.environ["UNDERTONE_BASE"], "steps": steps, "rows_seen": len(seen), "seed": seed,
               "first_loss": losses[0], "train_loss": losses[-1],
               "versions": {"tinker": importlib.metadata.version("tinker"), "model": args.base_model}}, f, indent=2)
