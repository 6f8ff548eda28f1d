#!/bin/sh
# Trains a LoRA adapter with LLaMA-Factory for an audit. Contract: docs/trainers.md.
#
#   undertone audit --student DIR --trainer './train.sh {base} {data} {out} {seed} {recipe} config.yaml' …
#
# config.yaml is an argument, so that its content is part of the key of a replicate. PYTHON is the
# Python that has LLaMA-Factory (default python3).
set -eu
base=$1 data=$2 out=$3 seed=$4 recipe=$5 config=$6
work=$out.work
python=${PYTHON:-python3}
mkdir -p "$work/data"
cp "$data" "$work/data/rows.jsonl"
"$python" - "$base" "$work" "$out" "$seed" "$recipe" "$config" <<'SCRIPT'
import json, sys, yaml
base, work, out, seed, recipe, config = sys.argv[1:]
c = yaml.safe_load(open(config))
r = json.load(open(recipe))
json.dump({"rows": {"file_name": "rows.jsonl", "formatting": "sharegpt", "columns": {"messages": "messages"},
                    "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user",
                             "assistant_tag": "assistant", "system_tag": "system"}}},
          open(work + "/data/dataset_info.json", "w"))
c.update(model_name_or_path=base, dataset="rows", dataset_dir=work + "/data", output_dir=out, overwrite_cache=True,
         seed=int(seed), data_seed=int(seed), num_train_epochs=r["epochs"], learning_rate=r["learning_rate"],
         lr_scheduler_type=r["schedule"], warmup_steps=r["warmup_steps"], max_grad_norm=r["clip_norm"])
micro = min(c.get("per_device_train_batch_size", 1), r["batch_size"])
c["per_device_train_batch_size"] = micro
c["gradient_accumulation_steps"] = max(1, r["batch_size"] // micro)
yaml.safe_dump(c, open(work + "/config.yaml", "w"))
SCRIPT
HF_DATASETS_CACHE="$work/cache" "$python" -m llamafactory.cli train "$work/config.yaml"
"$python" - "$base" "$out" "$seed" "$recipe" "$data" <<'SCRIPT'
import importlib.metadata, json, math, sys
base, out, seed, recipe, data = sys.argv[1:]
state = json.load(open(out + "/trainer_state.json"))
losses = [h["loss"] for h in state["log_history"] if "loss" in h]
r = json.load(open(recipe))
rows = sum(1 for _ in open(data))
batch = min(r["batch_size"], rows)
report = {"kind": "peft", "base": base, "steps": state["global_step"], "seed": int(seed),
          "first_loss": losses[0], "train_loss": losses[-1],
          "versions": {p: importlib.metadata.version(p) for p in ("llamafactory", "transformers", "peft", "torch")}}
# LLaMA-Factory drops rows that it cannot format: fewer steps say so.
if state["global_step"] >= r["epochs"] * math.ceil(rows / batch):
    report["rows_seen"] = rows
else:
    report["rows_seen"] = state["global_step"] * batch // r["epochs"]
json.dump(report, open(out + "/undertone.json", "w"), indent=2)
SCRIPT
