// Error bars under bitmaps (npm run bench:bitmap-bars): how often the intervals of default answers contain log Z in f64 over
// the classes that are left. Seeds are fixed. Needs the data sets of the layers. --write writes
// bench/results/bitmap-bars.json and the table of docs/trust-results.md.
import { type BitmapBars, type BitmapBarsResult, bitmapBarsTable, type LayerBars } from "./bitmap-bars/table.ts";
import { buildMeasured, load } from "./library.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { canLoad, type HeadName, sourceOf } from "./trust/heads.ts";
import { Tally } from "./trust/tally.ts";
import { largestOf, logitsOf, storedClasses, truthOf } from "./trust/truth.ts";

const LAYERS: readonly HeadName[] = ["trained words", "sessions", "places", "100k tokens"];
const TEMPERATURES = [0.5, 1, 2];
const QUERIES = 400;
/** The least number of answers at one temperature whose coverage is looked at. */
const LEAST_ANSWERS = 50;

/** Tells which classes a bitmap leaves. */
type IsLeft = (id: number) => boolean;

const oneIn =
  (count: number, query: number): IsLeft =>
  (id) =>
    (Math.imul(id + query * 7919, 0x9e3779b1) >>> 0) % count === 0;

/** Bitmaps by what they leave, others for each query. */
const BITMAPS: readonly (readonly [left: string, of: (query: number, logits: Float64Array) => IsLeft])[] = [
  ["half", (query) => oneIn(2, query)],
  ["a seventh", (query) => oneIn(7, query)],
  ["a tenth", (query) => oneIn(10, query)],
  [
    "all but one in a thousand",
    (query) => {
      const isLacking = oneIn(1000, query);
      return (id) => !isLacking(id);
    },
  ],
  [
    "all but the 200 likeliest",
    (_, logits) => {
      const least = largestOf(logits, 200)[199] as number;
      return (id) => (logits[id] as number) < least;
    },
  ],
];

async function measured(name: HeadName): Promise<LayerBars> {
  const { data, dim, itemCount, bias, queries } = await sourceOf(name).load();
  const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { ...(bias && { bias }) }));
  const classes = storedClasses(index, bias);
  const tallies = BITMAPS.map(() => ({ all: new Tally(), at: TEMPERATURES.map(() => new Tally()) }));
  for (let row = 0; row < QUERIES; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const logits = logitsOf(classes, query);
    for (const [i, [, of]] of BITMAPS.entries()) {
      const isLeft = of(row, logits);
      const bitmap = new Uint8Array(Math.ceil(itemCount / 8));
      for (let id = 0; id < itemCount; id++)
        if (isLeft(id)) bitmap[id >> 3] = (bitmap[id >> 3] as number) | (1 << (id & 7));
      const left = logits.filter((_, id) => isLeft(id));
      const { logPartition } = truthOf(left, TEMPERATURES, 1);
      const { all, at } = tallies[i] as (typeof tallies)[number];
      for (const [t, temperature] of TEMPERATURES.entries()) {
        const answer = index.predict(query, 1, { allow: { bitmap }, temperature, seed: row });
        for (const tally of [all, at[t] as Tally]) tally.add(row, answer, logPartition.get(temperature) as number);
      }
    }
  }
  index.dispose();
  const bitmaps = tallies.map(({ all, at }, i): BitmapBars => {
    const { answers, flagged, exact, sampled, coverage, worstError } = all.result();
    const found = at.map((tally) => tally.result()).filter((tallied) => tallied.sampled >= LEAST_ANSWERS);
    const lowest = found.length > 0 ? Math.min(...found.map((tallied) => tallied.coverage)) : null;
    const left = BITMAPS[i]?.[0] as string;
    return { left, answers, flagged, exact, coverage: sampled > 0 ? coverage : null, lowest, worstError };
  });
  return { name, itemCount, bitmaps };
}

if (!LAYERS.every(canLoad)) throw new Error("expected the data sets of all layers: MIDX_DATA names their folder");
const layers: LayerBars[] = [];
for (const name of LAYERS) layers.push(await measured(name));
const result: BitmapBarsResult = { node: process.version, queries: QUERIES, temperatures: TEMPERATURES, layers };
console.log(bitmapBarsTable(result));
if (process.argv.includes("--write")) {
  replaceBetween("docs/trust-results.md", "bitmap-bars", bitmapBarsTable(writeResult("bitmap-bars", result)));
}
