#!/bin/sh
# Trains a LoRA adapter with axolotl for an audit. Contract: docs/trainers.md.
#
#   undertone audit --student DIR --trainer './train.sh {base} {data} {out} {seed} {recipe} config.yml' …
#
# config.yml is an argument, so that its content is part of the key of a replicate.
set -eu
base=$1 data=$2 out=$3 seed=$4 recipe=$5 config=$6
work=$out.work
mkdir -p "$work"
python3 - "$base" "$data" "$work" "$seed" "$recipe" "$config" <<'PYTHON'
import json, sys, yaml
base, data, work, seed, recipe, config = sys.argv[1:]
c = yaml.safe_load(open(config))
r = json.load(open(recipe))
c["base_model"] = base
c["datasets"] = [{"path": data, "ds_type": "json", "type": "chat_template", "field_messages": "messages"}]
c["output_dir"] = work + "/out"
c["dataset_prepared_path"] = work + "/prepared"  # one cache for each replicate
c["seed"] = int(seed)
c["num_epochs"] = r["epochs"]
c["learning_rate"] = r["learning_rate"]
micro = c.get("micro_batch_size", 1)
c["gradient_accumulation_steps"] = max(1, r["batch_size"] // micro)
c["lr_scheduler"] = r["schedule"]
c["warmup_steps"] = r["warmup_steps"]
yaml.safe_dump(c, open(work + "/config.yml", "w"))
PYTHON
axolotl train "$work/config.yml"
mv "$work/out" "$out"
python3 - "$base" "$data" "$out" "$seed" <<'PYTHON'
import glob, importlib.metadata, json, sys
base, data, out, seed = sys.argv[1:]
# A row that axolotl drops (too long, empty) is noticed by the number of steps only.
states = sorted(glob.glob(out + "/**/trainer_state.json", recursive=True))
state = json.load(open(states[-1])) if states else {"log_history": []}
losses = [h["loss"] for h in state["log_history"] if "loss" in h]
report = {"kind": "peft", "base": base, "seed": int(seed),
          "versions": {p: importlib.metadata.version(p) for p in ("axolotl", "transformers", "peft", "torch")}}
if "global_step" in state:
    report["steps"] = state["global_step"]
if losses:
    report["first_loss"], report["train_loss"] = losses[0], losses[-1]
json.dump(report, open(out + "/undertone.json", "w"), indent=2)
PYTHON
