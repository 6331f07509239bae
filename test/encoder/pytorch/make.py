"""Writes recurrent encoders of PyTorch and the queries that PyTorch makes with them, for import.test.ts:

    python3 test/encoder/pytorch/make.py

It wrote tied.safetensors, own.safetensors and queries.json with PyTorch 2.6.0 on one thread.
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
(FOLDER / "queries.json").write_text(json.dumps(queries) + "\n")
