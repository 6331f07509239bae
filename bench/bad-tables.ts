// The cost of faults in the rows of a table: npm run bench:bad-tables
//
// Each fault is made in the output layers of published language models. The table has recall@10 of topK by default, the worth
// of a draw, and recall@10 of the stored rows against the rows as given. The warnings of midx build and midx inspect
// (src/cli/evaluating/table-warnings.ts) and docs/choosing.md rest on this table.
import { type Head, haveTokens, nextWordHead, tokensHead } from "./heads.ts";
import { buildMeasured, load, measure } from "./library.ts";
import { startNoise } from "./noise.ts";

type Table = Pick<Head, "name" | "itemCount" | "dim" | "data" | "bias" | "queries">;
type Change = (value: number, id: number, d: number) => number;

const QUERIES = 128;
const tables: readonly Table[] = [nextWordHead(), ...(haveTokens() ? [tokensHead("tokens", 50_000)] : [])];

console.log("table, fault: recall@10, effective sample size per draw, recall@10 of the stored rows");
for (const table of tables) {
  await report(table, "none", (value) => value);
  for (const [fault, change] of faultsOf(table)) await report(table, fault, change);
}

async function report(table: Table, fault: string, change: Change): Promise<void> {
  const { name, itemCount, dim, bias, queries } = table;
  const data = table.data.map((value, i) => change(value, Math.floor(i / dim), i % dim));
  const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { bias, calibrate: "off" }));
  const { recallAt10, effectiveSampleShare } = measure(index, queries.subarray(0, QUERIES * dim));
  let found = 0;
  for (let row = 0; row < QUERIES / 2; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const scores = scoresOf(data, bias, query);
    const tenth = scores.slice().sort()[itemCount - 10] as number;
    for (const id of index.topK(query, 10, { exact: true }).ids) if ((scores[id] as number) >= tenth) found++;
  }
  index.dispose();
  const numbers = [recallAt10, effectiveSampleShare, found / (5 * QUERIES)].map((number) => number.toFixed(3));
  console.log(`${name}, ${fault}: ${numbers.join(", ")}`);
}

function scoresOf(data: Float32Array, bias: Float32Array, query: Float32Array): Float64Array {
  const { length: dim } = query;
  return Float64Array.from(bias, (own, id) => {
    let score = own;
    for (let d = 0; d < dim; d++) score += (data[id * dim + d] as number) * (query[d] as number);
    return score;
  });
}

/** Returns the faults, each as a change of the value of a class in a column. */
function faultsOf({ data, itemCount, dim }: Table): [fault: string, change: Change][] {
  const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / itemCount);
  const noise = startNoise();
  const axis = Float64Array.from({ length: dim }, noise);
  const length = Math.hypot(...axis);
  const [sizes, places] = [noise, noise].map((next) => Float64Array.from({ length: itemCount }, next)) as [
    Float64Array,
    Float64Array,
  ];
  const valueAt = (id: number, d: number): number => data[id * dim + d] as number;
  const among = (id: number, count: number): boolean => (id * count) % itemCount < count;
  const anyOther = (id: number): number => Math.floor((((places[id] as number) + 1) / 2) * (itemCount - 1));
  const half = itemCount / 2;
  return [
    ...[250, 1000, 2000, half].map((count): [string, Change] => [
      `the same row ${count} times`,
      (value, id, d) => (among(id, count) ? valueAt(7, d) : value),
    ]),
    [
      "half of the rows are copies of any others",
      (value, id, d) => (among(id, half) ? valueAt(anyOther(id), d) : value),
    ],
    ...[itemCount / 10, half].map((count): [string, Change] => [
      `${count} zero rows`,
      (value, id) => (among(id, count) ? 0 : value),
    ]),
    ...[1, 2.5, 5].map((power): [string, Change] => [
      `norms times 10^±${power}`,
      (value, id) => value * 10 ** (power * (sizes[id] as number)),
    ]),
    ...[3, 10, 30].flatMap((times): [string, Change][] => [
      [`a mean row of ${times} norms`, (value, _, d) => value + (times * norm * (axis[d] as number)) / length],
      [`a constant column of ${times} norms`, (value, _, d) => (d === 0 ? times * norm : value)],
    ]),
  ];
}
