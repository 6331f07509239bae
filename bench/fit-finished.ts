// The value of a fit in finished indexes, with their outliers and tilts (node bench/fit-finished.ts, after npm run build:kernels):
// distances of the proposal from the softmax, over all classes and for queries that no build has seen.
import { mean, quantile } from "../src/train/arithmetic/averages.ts";
import type { BuildOptions } from "../src/train/index.ts";
import { halves } from "../test/next-word.ts";
import { build, load } from "./library.ts";

const [CLASSES, DIM] = [10_000, 100];
/** One query out of this number is kept from every build. */
const UNSEEN_OF = 8;

const queries = halves("queries.safetensors", "queries");
const isUnseen = (_: number, i: number): boolean => Math.floor(i / DIM) % UNSEEN_OF === 0;
const unseen = queries.filter(isUnseen);
const seen = queries.filter((value, i) => !isUnseen(value, i));
const rows = { data: halves("head.safetensors", "weight"), shape: [CLASSES, DIM] } as const;
const ids = Int32Array.from({ length: CLASSES }, (_, id) => id);

const builds: Readonly<Record<string, Pick<BuildOptions, "fit">>> = {
  "k-means": {},
  "fitted, plain": { fit: { scan: 0 } },
  "fitted, head of 1,024": { fit: { scan: 1024 } },
};
for (const [name, fit] of Object.entries(builds)) {
  const bias = halves("head.safetensors", "bias");
  const index = await load(await build(rows, { bias, queries: seen, calibrate: "off", ...fit }));
  for (const scan of [0, 1024]) {
    const count = unseen.length / DIM;
    const [kl, chiSquare] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0; i < count; i++) {
      const query = unseen.subarray(i * DIM, (i + 1) * DIM);
      const { logPartition } = index.logPartition(query, { exact: true });
      const logQ = index.logQ(query, ids, { scan });
      const logP = Array.from(index.score(query, ids), (score) => score - logPartition);
      kl[i] = logP.reduce((sum, log, id) => sum + Math.exp(log) * (log - (logQ[id] as number)), 0);
      chiSquare[i] = logP.reduce((sum, log, id) => sum + Math.exp(2 * log - (logQ[id] as number)), -1);
    }
    const share = mean(chiSquare.map((value) => 1 / (1 + value)));
    const figures = { kl: mean(kl), chiSquareP90: quantile(chiSquare, 0.9), shareLimit: share };
    console.log(name, scan, figures);
  }
}
