"""Prints the log-probabilities of a text by a base and an adapter, as peft loads them.

    python check.py BASE ADAPTER 0,3,14

It prints a list of the log-probabilities of all ids but the first, in nats, as JSON.
"""

import json
import sys

import torch
import transformers
from peft import PeftModel

base, adapter, ids = sys.argv[1], sys.argv[2], [int(i) for i in sys.argv[3].split(",")]
model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
model = PeftModel.from_pretrained(model, adapter).eval()
with torch.no_grad():
    logs = model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
print(json.dumps([logs[i, id].item() for i, id in enumerate(ids[1:])]))
