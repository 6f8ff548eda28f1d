"""Measures a language model in undertone and in PyTorch in alternation, each in its own process.

    cd tensor/benchmarks && GOWORK=off go build -o /tmp/lm ./lm
    /usr/bin/python3 torch/lm_compare.py /tmp/lm 5    # rounds; then names of models or tasks, or all

Prints the medians in tokens a second and the median of the ratios of the turns, with its quartiles. A
turn of PyTorch is the better one of 1 and 2 threads.
"""
import os
import pathlib
import statistics
import subprocess
import sys

peer = pathlib.Path(__file__).with_name("lm.py")
binary, rounds, only = sys.argv[1], int(sys.argv[2]), sys.argv[3:]


def undertone(model, task):
    return float(subprocess.run([binary, "-model", model, "-task", task], capture_output=True, text=True, check=True).stdout)


def torch(model, task):
    def on(threads):
        env = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        env |= {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        return float(subprocess.run([sys.executable, peer, model, task, str(threads)], env=env, capture_output=True, text=True, check=True).stdout)

    return max(on(1), on(2))


print("| model | task | undertone, tokens/s | torch, tokens/s | ratio |\n|---|---|---|---|---|")
for model in ("stories260K", "llama25M"):
    for task in ("train", "score", "generate1", "generate64"):
        if any(set(only) & set(names) and not set(only) & {mine} for names, mine in
               ((("stories260K", "llama25M"), model), (("train", "score", "generate1", "generate64"), task))):
            continue
        ours, theirs = zip(*((undertone(model, task), torch(model, task)) for _ in range(rounds)))
        low, mid, high = statistics.quantiles([a / b for a, b in zip(ours, theirs)], n=4) if rounds > 1 else [ours[0] / theirs[0]] * 3
        print(f"| {model} | {task} | {statistics.median(ours):,.0f} | {statistics.median(theirs):,.0f} | {mid:.2f} [{low:.2f} {high:.2f}] |", flush=True)
