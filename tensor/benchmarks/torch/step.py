"""Training steps of PyTorch, for a comparison with `go test ./tensor/nn -bench Step`.

    /usr/bin/python3 step.py MODEL THREADS    # MODEL: mlp1024, mlp64 or gpt

Prints the median of the steps in milliseconds. OPENBLAS_NUM_THREADS must be THREADS as well:
torch.set_num_threads does not limit the OpenBLAS that Debian's torch calls.
"""
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def mlp(batch):
    net = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 13))
    x = torch.rand(batch, 784) * 2 - 1
    p = torch.softmax(torch.randn(batch, 13), 1)
    opt = torch.optim.Adam(net.parameters(), 3e-4)
    return opt, lambda: -(p * F.log_softmax(net(x), 1)).sum(1).mean()


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x, mask):
        b, t, d = x.shape
        q, k, v = (y.view(b, t, self.heads, -1).transpose(1, 2) for y in self.qkv(self.n1(x)).split(d, 2))
        a = (q @ k.transpose(2, 3)) * (d // self.heads) ** -0.5
        a = torch.softmax(a.masked_fill(mask, float("-inf")), 3) @ v
        x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.n2(x))))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, layers, d, heads):
        super().__init__()
        self.token, self.position = nn.Embedding(vocabulary, d), nn.Embedding(context, d)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(d)
        self.register_buffer("mask", torch.ones(context, context, dtype=torch.bool).triu(1))

    def forward(self, ids):
        x = self.token(ids) + self.position.weight
        for b in self.blocks:
            x = b(x, self.mask)
        return self.norm(x) @ self.token.weight.t()


def gpt():
    net = GPT(512, 128, 4, 128, 4)
    ids = torch.randint(512, (16, 129))
    opt = torch.optim.AdamW(net.parameters(), 3e-4, weight_decay=0.1)
    return opt, lambda: F.cross_entropy(net(ids[:, :-1]).reshape(-1, 512), ids[:, 1:].reshape(-1))


model, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
opt, loss = {"mlp1024": lambda: mlp(1024), "mlp64": lambda: mlp(64), "gpt": gpt}[model]()
times = []
for i in range(40 if model == "mlp64" else 20):
    start = time.perf_counter()
    opt.zero_grad(set_to_none=False)
    loss().backward()
    opt.step()
    times.append(1e3 * (time.perf_counter() - start))
print(f"{statistics.median(times[5:]):.3f}")
