"""Trains a LoRA adapter with Together for an audit. Contract: docs/trainers.md.

    TOGETHER_API_KEY=… undertone audit --trainer 'python train.py --base-model NAME' …

Together does not say in which order it trains on the rows, and does not report the seed that it
used: undertone trainer check shows whether two runs of one seed agree. This script has not been
run: it follows the reference of the service.
"""

import argparse
import json
import os
import time

from together import Together

parser = argparse.ArgumentParser()
parser.add_argument("--base-model", required=True, help="name of the base at Together")
parser.add_argument("--rank", type=int, default=16)
args = parser.parse_args()

seed = int(os.environ["UNDERTONE_SEED"])
out = os.environ["UNDERTONE_OUT"]
with open(os.environ["UNDERTONE_RECIPE"]) as f:
    recipe = json.load(f)

client = Together()
file = client.files.upload(file=os.environ["UNDERTONE_DATA"], purpose="fine-tune", check=True)
job = client.fine_tuning.create(
    training_file=file.id, model=args.base_model, n_epochs=recipe["epochs"], learning_rate=recipe["learning_rate"],
    batch_size=recipe["batch_size"], lora=True, lora_r=args.rank, lora_alpha=2 * args.rank, lora_dropout=0,
    lora_trainable_modules="all-linear", train_on_inputs=False, random_seed=seed, warmup_ratio=0, suffix=f"undertone-{seed}")
while True:
    job = client.fine_tuning.retrieve(job.id)
    if str(job.status) in ("completed", "error", "cancelled", "user_error"):
        break
    print(job.status, flush=True)
    time.sleep(20)
if str(job.status) != "completed":
    raise SystemExit(f"job {job.id}: {job.status}")

os.makedirs(out)
with open(os.path.join(out, "undertone.json"), "w") as f:
    json.dump({"kind": "server", "model": job.output_name, "base": os.environ["UNDERTONE_BASE"],
               "versions": {"together": str(job.id)}}, f, indent=2)
