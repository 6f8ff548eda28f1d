"""Measures training steps of undertone and PyTorch in alternation, each in a process of its own.

    go test -c -o /tmp/nn.test ./tensor/nn
    /usr/bin/python3 tensor/benchmarks/torch/compare.py /tmp/nn.test 10    # rounds

Prints, for each model and number of threads, the medians in milliseconds and the median of the
ratios of the turns, with its quartiles. Both get the same number of threads.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys

step = pathlib.Path(__file__).with_name("step.py")
binary, rounds = sys.argv[1], int(sys.argv[2])
models = {"mlp1024": "model=digits-mlp/batch=1024", "mlp64": "model=digits-mlp/batch=64", "gpt": "model=gpt" + 6 * "/.*"}


def undertone(model, threads):
    bench = f"Step/{models[model]}/shards={threads}$"
    out = subprocess.run([binary, "-test.run", "xxx", "-test.bench", bench, "-test.benchtime", "0.4s", "-test.cpu", str(threads)],
                         capture_output=True, text=True, check=True).stdout
    return float(re.search(r"(\d+) ns/op", out)[1]) / 1e6


def torch(model, threads):
    env = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    env |= {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    return float(subprocess.run([sys.executable, step, model, str(threads)], env=env, capture_output=True, text=True, check=True).stdout)


print("| step | threads | undertone, ms | torch, ms | ratio |\n|---|---|---|---|---|")
for model in sys.argv[3:] or models:
    for threads in (1, 2):
        ours, theirs = zip(*((undertone(model, threads), torch(model, threads)) for _ in range(rounds)))
        low, mid, high = statistics.quantiles([a / b for a, b in zip(ours, theirs)], n=4)
        print(f"| {model} | {threads} | {statistics.median(ours):.2f} | {statistics.median(theirs):.2f} | {mid:.2f} [{low:.2f} {high:.2f}] |", flush=True)
