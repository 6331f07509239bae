/*
 * A recommender's softmax over 40,981 places of gowalla. Its probability is spread over thousands of them, unlike that
 * of next words. `npx node bench/diffuse-head.ts` trains it, prints its quality and how diffuse it is, and measures midx on
 * it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { PURPOSE, uniforms } from "../src/train/random/uniforms.ts";
import { haveData, loader, placeOf, type Sequences } from "./data.ts";
import type { Head } from "./heads.ts";
import { queryOf, shuffle, trainRecommender } from "./train-recommender.ts";

/** Returns whether the data set exists, and prints a line if it does not. */
export const haveSessions = (): boolean => haveData("gowalla");

/** The name of the trained head in the cache. Raise it whenever data, training or held-out users change. */
const VERSION = "gowalla-1";
const ITEMS = 40_981;
const DIM = 64;
const HELD_OUT = 1024;

/**
 * Returns the rows of the output layer, the trained bias, and the counts of the training users. Each query is made of up to 8
 * places of a held-out user. There are 1,024 of these users, in random order. Training takes a minute and a half. The head is
 * then kept as midx-bench/gowalla-1.f32 in the folder for temporary files, and later runs read it from there.
 */
export function diffuseHead(): Head {
  const { counts, trained, heldOut } = splitUsers();
  const path = `${tmpdir()}/midx-bench/${VERSION}.f32`;
  const sizes = [ITEMS * DIM, ITEMS, HELD_OUT * DIM] as const;
  const length = sizes.reduce((a, b) => a + b);
  let values = existsSync(path) ? new Float32Array(new Uint8Array(readFileSync(path)).buffer) : new Float32Array(0);
  if (values.length !== length) {
    // Held-out perplexity is 2,230 after 16 epochs, 2,210 after 20 and 2,243 after 24.
    const model = trainRecommender(trained, counts, { dim: DIM, epochs: 20, learningRate: 0.05, seed: 1 });
    values = new Float32Array(length);
    values.set(model.outputs, 0);
    values.set(model.bias, sizes[0]);
    for (const [row, { seen }] of heldOut.entries()) {
      values.set(queryOf(model, seen), sizes[0] + sizes[1] + row * DIM);
    }
    keep(path, values);
  }
  return {
    name: "places",
    itemCount: ITEMS,
    dim: DIM,
    data: values.slice(0, sizes[0]),
    bias: values.slice(sizes[0], sizes[0] + sizes[1]),
    counts,
    queries: values.slice(sizes[0] + sizes[1]),
  };
}

/** Writes the file at once, since another benchmark may run beside this one. */
function keep(path: string, values: Float32Array): void {
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, values);
  renameSync(`${path}.${process.pid}`, path);
}

interface HeldOutUser {
  /** The user's places in gowalla's train part. */
  readonly seen: Uint16Array;
  /** The user's places in gowalla's test part, which are to be predicted. */
  readonly targets: Uint16Array;
}

/** Holds out the first 1,024 users of a seeded shuffle. The model learns from all places of the others. */
function splitUsers(): { counts: Uint32Array; trained: Uint16Array[]; heldOut: HeldOutUser[] } {
  const read = (part: "train" | "test"): Sequences => loader().rag(`${placeOf("gowalla")}/${part}.rag.gz`);
  const [seen, targets] = [read("train"), read("test")];
  const stream = uniforms({ seed: 1n, purpose: PURPOSE.sample, codebook: 0, restart: 1 });
  let used = 0;
  const order = shuffle(
    Uint32Array.from({ length: seen.n }, (_, user) => user),
    () => stream(used++),
  );
  const user = (at: number): HeldOutUser => ({ seen: seen.row(at), targets: targets.row(at) });
  const heldOut = Array.from(order.subarray(0, HELD_OUT), user);
  const trained = Array.from(order.subarray(HELD_OUT), user).map((each) =>
    Uint16Array.of(...each.seen, ...each.targets),
  );
  const counts = new Uint32Array(ITEMS);
  for (const items of trained) for (const id of items) counts[id] = (counts[id] as number) + 1;
  return { counts, trained, heldOut };
}

/**
 * Means over the held-out users. Perplexity, of the model and of the counts alone (+ 1), is e to the mean over users of
 * the mean −log P of their targets. The entropy of P is in nats. likeliestMass is the mass of the 1,024 likeliest
 * classes.
 */
function heldOutQuality({ itemCount, dim, data, bias, counts, queries }: Head): {
  perplexity: number;
  unigramPerplexity: number;
  entropy: number;
  likeliestMass: number;
} {
  const { heldOut } = splitUsers();
  const total = counts.reduce((a, b) => a + b, 0) + itemCount;
  const logits = new Float64Array(itemCount);
  let [loss, unigramLoss, entropy, likeliestMass] = [0, 0, 0, 0];
  for (const [row, { targets }] of heldOut.entries()) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    for (let id = 0; id < itemCount; id++) {
      let logit = bias[id] as number;
      for (let d = 0; d < dim; d++) logit += (query[d] as number) * (data[id * dim + d] as number);
      logits[id] = logit;
    }
    const largest = logits.reduce((a, b) => Math.max(a, b));
    const logZ = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    entropy += logits.reduce((sum, logit) => sum + Math.exp(logit - logZ) * (logZ - logit), 0);
    for (const id of targets) {
      loss += (logZ - (logits[id] as number)) / targets.length;
      unigramLoss += Math.log(total / ((counts[id] as number) + 1)) / targets.length;
    }
    likeliestMass += logits
      .sort()
      .subarray(-1024)
      .reduce((sum, logit) => sum + Math.exp(logit - logZ), 0);
  }
  return {
    perplexity: Math.exp(loss / heldOut.length),
    unigramPerplexity: Math.exp(unigramLoss / heldOut.length),
    entropy: entropy / heldOut.length,
    likeliestMass: likeliestMass / heldOut.length,
  };
}

/**
 * Returns the mean mass of P in the head that `scan` chooses. In the head, and outside it only by chance, logit − log Q
 * equals that of the best class found: up to rounding, the logarithm of the proposal's normaliser.
 */
function headMass(index: MultiIndex, queries: Float32Array, scan: number): number {
  const { itemCount, dim } = index.info;
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  const count = queries.length / dim;
  let mass = 0;
  for (let row = 0; row < count; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const scores = index.score(query, ids);
    const logQ = index.logQ(query, ids, { scan });
    const best = index.topK(query, 1, { scan }).ids[0] as number;
    const normaliser = (scores[best] as number) - (logQ[best] as number);
    const { logPartition } = index.logPartition(query, { exact: true });
    for (let id = 0; id < itemCount; id++) {
      const score = scores[id] as number;
      if (Math.abs(score - (logQ[id] as number) - normaliser) < 1e-5) mass += Math.exp(score - logPartition) / count;
    }
  }
  return mass;
}

if (import.meta.main && haveSessions()) {
  const { build, load, measure } = await import("./library.ts");
  const start = performance.now();
  const head = diffuseHead();
  console.log(`${head.name}: N ${head.itemCount}, D ${DIM}; ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const { perplexity, unigramPerplexity, entropy, likeliestMass } = heldOutQuality(head);
  console.log(`held-out perplexity ${perplexity.toFixed(0)}, of the counts alone ${unigramPerplexity.toFixed(0)}`);
  console.log(`mean entropy of P ${entropy.toFixed(2)} nats, e to it ${Math.exp(entropy).toFixed(0)}`);
  console.log(`mean mass of the 1,024 likeliest classes ${likeliestMass.toFixed(3)}`);
  const queries = head.queries.subarray(0, 256 * DIM);
  const { data, bias, counts } = head;
  for (const bits of [7, 8]) {
    const index = await load(await build({ data, shape: [ITEMS, DIM] }, { bias, counts, bits }));
    console.log(`RQ, K = ${2 ** bits}, int8 rows; headMass: mean mass of P in the head`);
    console.table(
      [1024, 4096, 16384].map((scan) => ({
        headMass: headMass(index, queries, scan),
        ...measure(index, queries, { scan }),
      })),
    );
    index.dispose();
  }
}
