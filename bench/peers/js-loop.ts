// No library: a loop over all rows in plain JS, with a heap. It is exact and serves for orientation.
import type { Metric, Peer, PeerIndex } from "./peer.ts";
import { TopHeap } from "./top-heap.ts";
import { unitRows } from "./unit.ts";

export const jsLoop: Peer = {
  name: "JS loop",
  version: process.version,
  runtime: "js",
  efforts: [1],
  build: async (data, _count, dim, metric) => new Loop(data, dim, metric),
};

class Loop implements PeerIndex {
  readonly bytes: number;
  readonly #rows: Float32Array;
  readonly #dim: number;

  constructor(data: Float32Array, dim: number, metric: Metric) {
    this.#rows = metric === "cosine" ? unitRows(data, dim) : data;
    this.#dim = dim;
    this.bytes = data.byteLength;
  }

  /** The length of a query does not change the order. */
  search(query: Float32Array, k: number): Uint32Array {
    const [rows, dim] = [this.#rows, this.#dim];
    const heap = new TopHeap(k);
    for (let at = 0, id = 0; at < rows.length; at += dim, id++) {
      let score = 0;
      for (let d = 0; d < dim; d++) score += (query[d] as number) * (rows[at + d] as number);
      if (score > heap.worst) heap.push(id, score);
    }
    return heap.sorted();
  }

  dispose(): void {}
}
