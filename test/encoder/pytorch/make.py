"""Writes encoders of PyTorch and the queries that PyTorch makes with them, for import.test.ts:

    python3 test/encoder/pytorch/make.py

It wrote tied.safetensors, own.safetensors, sasrec.safetensors and queries.json with PyTorch 2.6.0 on one thread.
"""

import json
import struct
from pathlib import Path

import torch

ITEMS, DIM = 30, 8
FOLDER = Path(__file__).parent
SEQUENCES = [[3], [3, 17], [29, 0, 29, 4], [5] * 12, list(range(ITEMS))]


class Model(torch.nn.Module):
    def __init__(self, units, has_own_items):
        super().__init__()
        self.items = torch.nn.Embedding(ITEMS, DIM)
        self.read = torch.nn.Embedding(ITEMS, DIM) if has_own_items else self.items
        self.rnn = torch.nn.GRU(DIM, units, batch_first=True)
        self.out = torch.nn.Linear(units, DIM) if units != DIM else torch.nn.Identity()

    def forward(self, ids):
        return self.out(self.rnn(self.read(ids))[0][:, -1])


class FeedForward(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv1d(DIM, DIM, 1)
        self.conv2 = torch.nn.Conv1d(DIM, DIM, 1)

    def forward(self, x):
        return x + self.conv2(self.conv1(x.mT).relu()).mT


class SASRec(torch.nn.Module):
    """Under the names and with the blocks of the usual implementations. Positions count from the first item that is read."""

    def __init__(self, blocks, heads, length):
        super().__init__()
        self.items = torch.nn.Embedding(ITEMS, DIM)
        self.pos_emb = torch.nn.Embedding(length, DIM)
        self.attention_layernorms = torch.nn.ModuleList(torch.nn.LayerNorm(DIM) for _ in range(blocks))
        self.attention_layers = torch.nn.ModuleList(
            torch.nn.MultiheadAttention(DIM, heads, batch_first=True) for _ in range(blocks)
        )
        self.forward_layernorms = torch.nn.ModuleList(torch.nn.LayerNorm(DIM) for _ in range(blocks))
        self.forward_layers = torch.nn.ModuleList(FeedForward() for _ in range(blocks))
        self.last_layernorm = torch.nn.LayerNorm(DIM)
        for parameter in self.parameters():  # norms and biases would be ones and zeros
            torch.nn.init.normal_(parameter, std=0.5)

    def forward(self, ids):
        ids = ids[:, -self.pos_emb.num_embeddings :]
        count = ids.shape[1]
        x = self.items(ids) + self.pos_emb(torch.arange(count))
        mask = torch.ones(count, count).triu(1).bool()
        for block, norm in enumerate(self.attention_layernorms):
            queries = norm(x)
            x = queries + self.attention_layers[block](queries, x, x, attn_mask=mask, need_weights=False)[0]
            x = self.forward_layers[block](self.forward_layernorms[block](x))
        return self.last_layernorm(x)[:, -1]


def save(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


torch.manual_seed(1)
torch.set_num_threads(1)
queries = {"sequences": SEQUENCES}
for name, units, has_own_items in (("tied", 12, False), ("own", 8, True)):
    model = Model(units, has_own_items)
    tensors = {key: value for key, value in model.state_dict().items() if has_own_items or not key.startswith("read.")}
    save(FOLDER / f"{name}.safetensors", tensors)
    with torch.no_grad():
        queries[name] = [model(torch.tensor([ids]))[0].tolist() for ids in SEQUENCES]
model = SASRec(blocks=2, heads=2, length=12).eval()
save(FOLDER / "sasrec.safetensors", model.state_dict())
with torch.no_grad():
    queries["sasrec"] = [model(torch.tensor([ids]))[0].tolist() for ids in SEQUENCES]
(FOLDER / "queries.json").write_text(json.dumps(queries) + "\n")
