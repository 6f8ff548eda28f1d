"""Prints the logits of a text by models, as transformers loads them.

    python check.py FOLDER=0,3,14 …

It prints a line of JSON for each folder: the logits, [tokens vocabulary].
"""

import json
import sys

import torch
import transformers

for argument in sys.argv[1:]:
    folder, ids = argument.rsplit("=", 1)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        print(json.dumps(model(input_ids=torch.tensor([[int(i) for i in ids.split(",")]])).logits[0].tolist()))
