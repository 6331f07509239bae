// Error bars under bitmaps and filters (npm run bench:bitmap-bars): how often the intervals of default answers contain log Z in f64
// over the classes that are left. Seeds are fixed. Needs the data sets of the layers. --write writes
// bench/results/bitmap-bars.json and the table of docs/trust-results.md.

import type { ConditionOptions } from "../src/answers/options.ts";
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

/** The number of groups of similar rows. A column has the group of each class, which filters compare. */
const GROUPS = 8;

/** Tells which classes take part. */
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

/** Filters by the groups that they leave, others for each query. */
const FILTERS: readonly (readonly [left: string, of: (query: number, groupOfLikeliest: number) => number[]])[] = [
  ["four of the groups", (query) => [0, 3, 5, 6].map((i) => (query + i) % GROUPS)],
  ["the group of the likeliest class", (_, group) => [group]],
  ["all other groups", (_, group) => groupsBut(group)],
  ["one of the other groups", (query, group) => [groupsBut(group)[query % (GROUPS - 1)] as number]],
];

const groupsBut = (group: number): number[] => Array.from({ length: GROUPS }, (_, i) => i).filter((i) => i !== group);

/** Returns the group of each row: that of the row with the largest cosine among GROUPS of them, spread over the table. */
function groupsOf(data: Float32Array, dim: number): Float64Array {
  const itemCount = data.length / dim;
  const rowOf = (id: number): Float32Array => data.subarray(id * dim, (id + 1) * dim);
  const centres = Array.from({ length: GROUPS }, (_, i) => {
    const row = rowOf(Math.floor((itemCount * (i + 0.5)) / GROUPS));
    return row.map((value) => value / Math.hypot(...row));
  });
  const towards = (row: Float32Array, centre: Float32Array): number =>
    row.reduce((sum, value, d) => sum + value * (centre[d] as number), 0);
  return Float64Array.from({ length: itemCount }, (_, id) => {
    const dots = centres.map((centre) => towards(rowOf(id), centre));
    return dots.indexOf(Math.max(...dots));
  });
}

/** A condition of a call, and the classes that it leaves. */
interface Allowance {
  readonly condition: ConditionOptions;
  readonly isLeft: IsLeft;
}

/** Returns the conditions of a query, in the order of BITMAPS and FILTERS. */
function allowancesOf(query: number, logits: Float64Array, groups: Float64Array): Allowance[] {
  const likeliest = logits.reduce((best, logit, id) => (logit > (logits[best] as number) ? id : best), 0);
  return [
    ...BITMAPS.map(([, of]) => {
      const isLeft = of(query, logits);
      const bitmap = new Uint8Array(Math.ceil(logits.length / 8));
      for (let id = 0; id < logits.length; id++) {
        if (isLeft(id)) bitmap[id >> 3] = (bitmap[id >> 3] as number) | (1 << (id & 7));
      }
      return { condition: { allow: { bitmap } }, isLeft };
    }),
    ...FILTERS.map(([, of]) => {
      const passing = of(query, groups[likeliest] as number);
      const isLeft: IsLeft = (id) => passing.includes(groups[id] as number);
      return { condition: { filter: { group: { $in: passing } } }, isLeft };
    }),
  ];
}

async function measured(name: HeadName): Promise<LayerBars> {
  const { data, dim, itemCount, bias, queries } = await sourceOf(name).load();
  const groups = groupsOf(data, dim);
  const columns = { group: { type: "number", values: groups } } as const;
  const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { ...(bias && { bias }), columns }));
  const classes = storedClasses(index, bias);
  const names = [...BITMAPS, ...FILTERS].map(([left]) => left);
  const tallies = names.map(() => ({ all: new Tally(), at: TEMPERATURES.map(() => new Tally()) }));
  for (let row = 0; row < QUERIES; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const logits = logitsOf(classes, query);
    for (const [i, { condition, isLeft }] of allowancesOf(row, logits, groups).entries()) {
      const { logPartition } = truthOf(
        logits.filter((_, id) => isLeft(id)),
        TEMPERATURES,
        1,
      );
      const { all, at } = tallies[i] as (typeof tallies)[number];
      for (const [t, temperature] of TEMPERATURES.entries()) {
        const answer = index.predict(query, 1, { ...condition, temperature, seed: row });
        for (const tally of [all, at[t] as Tally]) tally.add(row, answer, logPartition.get(temperature) as number);
      }
    }
  }
  index.dispose();
  const bitmaps = tallies.map(({ all, at }, i): BitmapBars => {
    const { answers, flagged, exact, sampled, coverage, worstError } = all.result();
    const found = at.map((tally) => tally.result()).filter((tallied) => tallied.sampled >= LEAST_ANSWERS);
    const lowest = found.length > 0 ? Math.min(...found.map((tallied) => tallied.coverage)) : null;
    const left = names[i] as string;
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
