// @ts-check
// Simulates a shop of 300 items, determined by a seed: the logs of its Worker, the purchases of its users, and two indexes,
// of which b knows the items better.   node examples/ab-testing/simulate.js <folder>
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "midx";
import { build } from "midx/train";

const [ITEMS, DIM, REQUESTS] = [300, 8, 4000];
const folder = process.argv[2] ?? "ab";
const uniform = uniforms(7);
const values = (/** @type {number} */ count, scale = 1) =>
  Float32Array.from({ length: count }, () => scale * (uniform() + uniform() + uniform() - 1.5));

const items = values(ITEMS * DIM, 1.6);
const noisy = (/** @type {number} */ scale) => {
  const noise = values(items.length, scale);
  return build({ data: items.map((value, i) => value + Number(noise[i])), shape: [ITEMS, DIM] }, { bits: 4, seed: 1 });
};
const files = { a: await noisy(1.2), b: await noisy(0.4) };
const [a, b, sharperB] = [await load(files.a), await load(files.b), await load(files.b)];

/** Returns the probability that a user buys an item. */
const chances = (/** @type {Float32Array} */ user) =>
  Float64Array.from({ length: ITEMS }, (_, id) => {
    const liking = user.reduce((total, value, d) => total + value * Number(items[id * DIM + d]), 0);
    return 1 / (1 + Math.exp(3 - 2 * liking));
  });

/** Computes the expected purchases of a user, by the chance of each, who is shown draws from the softmax of this index. */
const earned = (
  /** @type {typeof a} */ index,
  /** @type {Float32Array} */ user,
  /** @type {Float64Array} */ bought,
  temperature = 1,
) => {
  const { logProbabilities } = index.logProbability(user, ids, { exact: true, temperature });
  return logProbabilities.reduce((total, log, id) => total + Math.exp(log) * Number(bought[id]), 0);
};

const ids = Array.from({ length: ITEMS }, (_, id) => id);
/** @type {Record<"logs" | "rewards" | "queries", object[]>} */
const lines = { logs: [], rewards: [], queries: [] };
const truth = { a: 0, b: 0, sharperB: 0 };
for (let i = 0; i < REQUESTS; i++) {
  const requestId = `r${i}`;
  const user = values(DIM, 1.3);
  const bought = chances(user);
  const { ids: drawn, logQ } = a.sample(user, 1, { scan: 64, seed: i });
  const place = { version: "a", row: 0, seed: String(i), scan: 64, temperature: 1 };
  lines.logs.push({ event: "draws", requestId, ...place, ids: [...drawn], logQ: [...logQ] });
  lines.queries.push({ requestId, vector: [...user] });
  const id = Number(drawn[0]);
  if (uniform() < Number(bought[id])) lines.rewards.push({ requestId, id, reward: 1 });
  truth.a += earned(a, user, bought) / REQUESTS;
  truth.b += earned(b, user, bought) / REQUESTS;
  truth.sharperB += earned(sharperB, user, bought, 0.7) / REQUESTS;
}

await mkdir(folder, { recursive: true });
for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, `${name}.midx`), bytes);
for (const [name, all] of Object.entries(lines)) {
  await writeFile(join(folder, `${name}.jsonl`), all.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
const [valueA, valueB, valueSharperB] = Object.values(truth).map((value) => value.toFixed(4));
console.log(`true values: softmax of a ${valueA}, of b ${valueB}, of b at temperature 0.7 ${valueSharperB}`);

/** @param {number} seed of mulberry32: numbers in [0, 1). */
function uniforms(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
