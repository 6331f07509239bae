"""Reads a .midx file (FORMAT.md) and draws negatives from its proposal with exact log Q. Needs numpy alone.

    index = Index("words.midx")
    ids, log_q = index.draw(queries, 100, numpy.random.default_rng(1))   # [Q, 100] each

The proposal is that of `sample` with `scan: 0` at temperature 1 (docs/method.md, sections 2 and 3): Q(i) is in proportion
to e^(bias of i + quantised logit of its bucket + tilt of its bucket), and to e^(logit) for the outliers. It takes O(N) a
query, where the library takes a time that does not depend on N. Trust the file: checksums are not read.
"""

import json
import struct

import numpy as np

DTYPES = {"F32": "<f4", "F16": "<f2", "I32": "<i4", "I8": "i1", "U8": "u1", "U16": "<u2", "F64": "<f8"}
MOST_TILT = 4
LEAST_KEY = -64 * np.log(2)


class Index:
    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        try:
            end = 8 + struct.unpack_from("<Q", data)[0]
            header = dict(json.loads(data[8:end]))
        except (struct.error, TypeError, ValueError):
            raise ValueError(f"{path} expected an index file, got another one") from None
        data = memoryview(data)[end:]
        facts = header.pop("__metadata__", {})
        if facts.get("format") == "midx-changes":
            raise ValueError(f"{path} expected an index file, got changes of one: midx compact makes an index of both")
        if facts.get("format") != "midx":
            got = "another safetensors file: midx build makes an index of its rows"
            raise ValueError(f"{path} expected an index file, got {got}")
        if facts["formatVersion"].split(".")[0] not in "12":
            raise ValueError(f"{path} expected an index file of format 1 or 2, got {facts['formatVersion']}")
        tensor = {
            name: np.frombuffer(data[slice(*entry["data_offsets"])], DTYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()
        }
        count, self.dim = int(facts["itemCount"]), int(facts["dim"])
        buckets, codewords = int(facts["bucketCount"]), 1 << int(facts["bits"])
        self.is_cosine = facts["metric"] == "cosine"
        # What each codebook sees of a query: all of it (rq), or its halves (pq).
        first = self.dim if facts["quantizer"] == "rq" else (self.dim + 1) // 2
        self.halves = [slice(0, first), slice(0 if first == self.dim else first, self.dim)]
        self.codebooks = [tensor[f"codebook{k + 1}"][:, : self.width(k)] for k in (0, 1)]
        codes = tensor["bucketCodes"][:buckets]
        self.codes = codes // codewords, codes % codewords
        self.starts = tensor["bucketOffsets"][:buckets]
        self.ids = tensor["ids"][:count]
        self.bias = tensor["bias"][:count].astype("f8") if facts["hasBias"] == "true" else np.zeros(count)
        self.outliers = int(facts.get("outliers.count", 0))
        in_buckets = count - self.outliers
        self.bucket_of = np.repeat(np.arange(buckets), np.diff(np.append(self.starts, in_buckets)))
        rows = tensor["rows"][in_buckets:, : self.dim].astype("f8")
        self.outlier_rows = rows * tensor["rowScales"][in_buckets:count, None] if facts["rows"] == "i8" else rows
        # The weights of the buckets as shares of the largest with the same first codeword, divided by their numbers of classes.
        weights, self.largest = np.full(buckets, -np.inf), np.full(codewords, -np.inf)
        np.logaddexp.at(weights, self.bucket_of, self.bias[:in_buckets])
        np.maximum.at(self.largest, self.codes[0], weights)
        self.rates = weights - self.largest[self.codes[0]] - np.log(np.bincount(self.bucket_of, minlength=buckets))
        self.dispersion = tensor["dispersion.buckets"][:buckets] if "dispersion.buckets" in tensor else None
        if self.dispersion is not None:
            self.directions = tensor["dispersion.directions"][:, : self.dim].astype("f8")
            # The library rounds the shares of a bucket down to units of 2^-31, and leaves the rest, about 2^-20, to its last class.
            sizes = np.bincount(self.bucket_of, minlength=buckets)
            weights = weights[self.bucket_of]
            most = (2**31 - sizes[self.bucket_of]) * (1 - 2**-20)
            units = 1 + np.floor(most * np.exp(self.bias[:in_buckets] - weights))
            units[self.starts + sizes - 1] += 2**31 - np.bincount(self.bucket_of, units)
            self.bias[:in_buckets] = weights + np.log(units / 2**31)

    def width(self, codebook):
        return self.halves[codebook].stop - self.halves[codebook].start

    def log_masses(self, queries):
        """Returns log(Q · S) of every class by position, [Q, N], in float64, for queries [Q, D]."""
        z = np.asarray(queries, "f4").astype("f8").reshape(-1, self.dim)
        if self.is_cosine:
            z = z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-300)
        a, e = (z[:, half] @ book.T for half, book in zip(self.halves, self.codebooks))
        logits = a[:, self.codes[0]] + e[:, self.codes[1]]
        if self.dispersion is not None:
            even = 1 - np.square(self.directions).sum() / self.dim  # the variance in all other directions
            spread = even * np.square(z).sum(1) + np.square(z @ self.directions.T).sum(1)
            tilt = np.minimum(np.outer(spread, self.dispersion) / (2 * self.dim), MOST_TILT)
            exponent = np.rint(tilt / np.log(2) * 2**15) / 2**15  # rounded like this, and 2^x is linear between powers of two
            whole = np.floor(exponent)
            rounded = whole * np.log(2) + np.log1p(exponent - whole)
            # Where masses do not fit f32 side by side, the library adds logarithms, and the tilt is e^x itself.
            most = (a + self.largest).max(1, keepdims=True) + e.max(1, keepdims=True)
            keys = logits + self.largest[self.codes[0]] + self.rates + rounded - most
            logits += np.where(keys.max(1, keepdims=True) < LEAST_KEY, tilt, rounded)
        outliers = z @ self.outlier_rows.T
        return np.hstack([logits[:, self.bucket_of], outliers]) + self.bias

    def log_q(self, queries):
        """Returns log Q of every class by id, [Q, N]."""
        masses = self.log_masses(queries)
        largest = masses.max(1, keepdims=True)
        log_q = np.empty_like(masses)
        log_q[:, self.ids] = masses - largest - np.log(np.exp(masses - largest).sum(1, keepdims=True))
        return log_q

    def draw(self, queries, draws, random):
        """Draws with replacement: ids [Q, draws] and their log Q [Q, draws]."""
        log_q = self.log_q(queries)
        sums = np.exp(log_q).cumsum(1)
        points = random.random((len(log_q), draws)) * sums[:, -1:]
        ids = np.stack([np.searchsorted(row, point, "right") for row, point in zip(sums, points)])
        ids = np.minimum(ids, log_q.shape[1] - 1)
        return ids, np.take_along_axis(log_q, ids, 1)
