"""Times steps of training in PyTorch, for bench/torch.ts: python3 bench/torch/steps.py '<JSON of a case>'

Prints the median CPU milliseconds of a step on one thread: forward, loss, backward, clipping and Adam. Draws are uniform, a set
for each window, with collisions masked; drawing itself costs next to nothing.
"""

import json
import math
import statistics
import sys
import time

import torch

case = json.loads(sys.argv[1])
torch.set_num_threads(1)
torch.manual_seed(1)
batch, length, dim, classes = case["batchSize"], case["length"], case["dim"], case["itemCount"]


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.positions = torch.nn.Parameter(torch.randn(length, dim) * 0.1)
        blocks = range(case["blocks"])
        self.before = torch.nn.ModuleList(torch.nn.LayerNorm(dim) for _ in blocks)
        self.inputs = torch.nn.ModuleList(torch.nn.Linear(dim, dim) for _ in blocks for _ in range(3))
        self.output = torch.nn.ModuleList(torch.nn.Linear(dim, dim) for _ in blocks)
        self.behind = torch.nn.ModuleList(torch.nn.LayerNorm(dim) for _ in blocks)
        self.inner = torch.nn.ModuleList(torch.nn.Linear(dim, dim) for _ in blocks)
        self.outer = torch.nn.ModuleList(torch.nn.Linear(dim, dim) for _ in blocks)
        self.last = torch.nn.LayerNorm(dim)

    def forward(self, x):
        drop = torch.nn.functional.dropout
        share = case["dropout"]
        x = drop(x + self.positions, share)
        for b in range(case["blocks"]):
            q = self.before[b](x)
            heads = [layer(of)[:, None] for layer, of in zip(self.inputs[3 * b : 3 * b + 3], (q, x, x))]
            attended = torch.nn.functional.scaled_dot_product_attention(*heads, is_causal=True, dropout_p=share)
            x = self.behind[b](q + self.output[b](attended[:, 0]))
            x = x + drop(self.outer[b](drop(self.inner[b](x), share).relu()), share)
        return self.last(x)


class Gru(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(dim, dim, batch_first=True)

    def forward(self, x):
        drop = torch.nn.functional.dropout
        return drop(self.rnn(drop(x, case["dropout"]))[0], case["dropout"])


encoder = Gru() if case["encoder"] == "gru" else Attention()
table = torch.nn.Parameter(torch.randn(classes, dim) * 0.1)
bias = torch.nn.Parameter(torch.zeros(classes))
parameters = [*encoder.parameters(), table, bias]
optimizer = torch.optim.Adam(parameters)


def step():
    ids = torch.randint(classes, (batch, length + 1))
    inputs, targets = ids[:, :-1], ids[:, 1:]
    queries = encoder(table[inputs])
    if case["negatives"] == 0:
        logits = queries.reshape(-1, dim) @ table.T + bias
        loss = torch.nn.functional.cross_entropy(logits, targets.reshape(-1))
    else:
        draws = torch.randint(classes, (batch, case["negatives"]))
        own = (queries * table[targets]).sum(2) + bias[targets]
        others = torch.bmm(queries, table[draws].mT) + bias[draws][:, None] + math.log(classes / case["negatives"])
        others = others.masked_fill(draws[:, None] == targets[:, :, None], -torch.inf)
        loss = (torch.logsumexp(torch.cat([own[:, :, None], others], 2), 2) - own).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 5.0)
    optimizer.step()


times = []
for _ in range(case["steps"] + 2):
    start = time.process_time()
    step()
    times.append(1000 * (time.process_time() - start))
print(json.dumps({"torch": torch.__version__, "milliseconds": statistics.median(times[2:])}))
