"""A language model in PyTorch, in tokens a second, for a comparison with tensor/benchmarks/lm.

    /usr/bin/python3 lm.py MODEL TASK THREADS    # stories260K or llama25M; train, score, generate1 or generate64

OPENBLAS_NUM_THREADS must be THREADS as well: torch.set_num_threads does not limit Debian's OpenBLAS.
"""
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

# vocabulary, dim, layers, heads, kv heads, hidden; batch, tokens
SHAPES = {"stories260K": ((512, 64, 5, 8, 4, 172), 16, 256), "llama25M": ((2048, 512, 8, 8, 8, 1376), 8, 128)}
GENERATED = 128


class RMSNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.gain


def turn(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Block(nn.Module):
    def __init__(self, d, heads, kv, hidden):
        super().__init__()
        self.heads, self.kv, self.size = heads, kv, d // heads
        self.n1, self.n2 = RMSNorm(d), RMSNorm(d)
        self.q, self.o = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.k, self.v = nn.Linear(d, kv * self.size, bias=False), nn.Linear(d, kv * self.size, bias=False)
        self.gate, self.up, self.down = nn.Linear(d, hidden, bias=False), nn.Linear(d, hidden, bias=False), nn.Linear(hidden, d, bias=False)

    def forward(self, x, cos, sin, mask, cache, at):
        b, t, d = x.shape
        h = self.n1(x)
        q = turn(self.q(h).view(b, t, self.heads, -1).transpose(1, 2), cos, sin)
        k = turn(self.k(h).view(b, t, self.kv, -1).transpose(1, 2), cos, sin)
        v = self.v(h).view(b, t, self.kv, -1).transpose(1, 2)
        if cache is not None:
            cache[0][:, :, at:at + t], cache[1][:, :, at:at + t] = k, v
            k, v = cache[0][:, :, :at + t], cache[1][:, :, :at + t]
        if self.kv < self.heads:  # the heads that share keys become rows of one product
            q = q.reshape(b, self.kv, -1, self.size) if t == 1 else q
            if t > 1:
                k, v = k.repeat_interleave(self.heads // self.kv, 1), v.repeat_interleave(self.heads // self.kv, 1)
        a = (q @ k.transpose(2, 3)) * self.size ** -0.5
        if mask is not None:
            a = a.masked_fill(mask, float("-inf"))
        a = (torch.softmax(a, 3) @ v).reshape(b, self.heads, t, self.size)
        x = x + self.o(a.transpose(1, 2).reshape(b, t, d))
        h = self.n2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, vocabulary, d, layers, heads, kv, hidden):
        super().__init__()
        self.token = nn.Embedding(vocabulary, d)
        nn.init.normal_(self.token.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(d, heads, kv, hidden) for _ in range(layers))
        self.norm = RMSNorm(d)
        self.kv, self.size = kv, d // heads
        angles = torch.outer(torch.arange(512.), 10000 ** (-torch.arange(0, self.size, 2) / self.size))
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())
        self.register_buffer("mask", torch.ones(512, 512, dtype=torch.bool).triu(1))

    def forward(self, ids, caches=None, at=0):
        t = ids.shape[1]
        x = self.token(ids)
        mask = self.mask[:t, :t] if t > 1 else None
        for i, block in enumerate(self.blocks):
            x = block(x, self.cos[at:at + t], self.sin[at:at + t], mask, caches and caches[i], at)
        return self.norm(x) @ self.token.weight.t()


@torch.inference_mode()
def generate(net, sequences):
    shape = (sequences, net.kv, GENERATED, net.size)
    caches = [(torch.empty(shape), torch.empty(shape)) for _ in net.blocks]
    ids = torch.arange(sequences)[:, None]
    for at in range(GENERATED):
        ids = net(ids, caches, at)[:, -1].argmax(1, keepdim=True)


model, task, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(1)
config, batch, tokens = SHAPES[model]
net = Llama(*config)
ids = torch.randint(config[0], (batch, tokens + 1))
count = batch * tokens
loss = lambda reduction: F.cross_entropy(net(ids[:, :-1]).reshape(-1, config[0]), ids[:, 1:].reshape(-1), reduction=reduction)
if task == "train":
    opt = torch.optim.AdamW(net.parameters(), 3e-4, weight_decay=0.1)

    def run():
        opt.zero_grad(set_to_none=False)
        loss("mean").backward()
        opt.step()
elif task == "score":
    run = torch.inference_mode()(lambda: loss("none"))
else:
    sequences = int(task.removeprefix("generate"))
    count = sequences * GENERATED
    run = lambda: generate(net, sequences)
run()
times = []
end = time.perf_counter() + 1.5
while len(times) < 3 or time.perf_counter() < end:
    start = time.perf_counter()
    run()
    times.append(time.perf_counter() - start)
print(f"{count / statistics.median(times):.0f}")
