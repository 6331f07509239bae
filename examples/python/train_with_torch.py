"""Trains a PyTorch model by sampled softmax, with negatives from a .midx file:

    python3 examples/python/train_with_torch.py [folder for the files] [epochs]

On made-up data: a context is a noisy mixture of two hidden vectors, and its label is the class of the first. Before each
epoch the class table goes to a file, `midx build` makes an index of it, and all negatives of the epoch come from there.
MIDX is the command to build with, "npx midx" by default.
"""

import os
import shlex
import subprocess
import sys

import numpy as np
import torch
from midx_index import Index

CLASSES, DIM, NEGATIVES, BATCH, STEPS = 2000, 16, 50, 64, 100


def rebuilt(folder, table, bias):
    """Returns an index of the class table as it is now."""
    rows, biases, file = (os.path.join(folder, name) for name in ("rows.npy", "bias.npy", "classes.midx"))
    np.save(rows, table.detach().numpy())
    np.save(biases, bias.detach().numpy())
    command = [*shlex.split(os.environ.get("MIDX", "npx midx")), "build", rows, "--bias", biases, "-o", file]
    options = ["--bits", "5", "--row-type", "f32", "--calibrate", "off"]
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
    return Index(file)


def sampled_loss(queries, labels, table, bias, ids, log_q):
    """-log of the softmax over the label and the negatives, whose logits are corrected by log (M Q). Hits count as none."""
    scores = torch.einsum("qd,qmd->qm", queries, table[ids]) + bias[ids] - log_q - np.log(ids.shape[1])
    scores = scores.masked_fill(ids == labels[:, None], -torch.inf)
    positive = (queries * table[labels]).sum(1) + bias[labels]
    return (torch.logsumexp(torch.cat([positive[:, None], scores], 1), 1) - positive).mean()


def main(folder=".", epochs="4"):
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    hidden = torch.randn(CLASSES, DIM)

    def batch():
        labels, others = torch.randint(CLASSES, (2, BATCH))
        return hidden[labels] + 0.5 * hidden[others] + 0.3 * torch.randn(BATCH, DIM), labels

    encoder = torch.nn.Linear(DIM, DIM)
    table = torch.nn.Parameter(0.1 * torch.randn(CLASSES, DIM))
    bias = torch.nn.Parameter(torch.zeros(CLASSES))
    optimizer = torch.optim.Adam([*encoder.parameters(), table, bias], lr=0.02)
    held_out = [batch() for _ in range(8)]

    def full_loss():
        with torch.no_grad():
            losses = [torch.nn.functional.cross_entropy(encoder(x) @ table.T + bias, y) for x, y in held_out]
        return torch.stack(losses).mean().item()

    print(f"epoch 0: loss {full_loss():.3f}", flush=True)
    for epoch in range(1, int(epochs) + 1):
        index = rebuilt(folder, table, bias)
        for _ in range(STEPS):
            contexts, labels = batch()
            queries = encoder(contexts)
            ids, log_q = index.draw(queries.detach().numpy(), NEGATIVES, random)
            draws = torch.from_numpy(ids), torch.from_numpy(log_q.astype("f4"))
            loss = sampled_loss(queries, labels, table, bias, *draws)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: loss {full_loss():.3f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
