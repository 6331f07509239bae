// Diverse lists (npm run bench:diversity): the times of `topK` with `diversity` in units of a plain one, how much less alike
// its classes are, and how much of the probability of the best it gives up. The kinds of calls take turns in one process, so
// only ratios are kept. On the head of 100,000 tokens. --write writes bench/results/diversity.json and the table of
// docs/recommend.md.

import type { TopKOptions } from "../src/answers/options.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import type { DiverseList, DiversityResult } from "./diversity/result.ts";
import { diversityTable } from "./diversity/table.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { buildMeasured, load } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { medianTimes } from "./timing.ts";

const ROUNDS = 24;
const BURST = 16;
const CLASSES = 100_000;
/** Queries that the build calibrates with. None of them is asked. */
const CALIBRATION_QUERIES = 128;
/** Queries whose lists are compared. */
const QUERIES = 200;
const LISTS = [
  { k: 10, pool: 64 },
  { k: 50, pool: 200 },
] as const;
/** 1 is a plain list. */
const LAMBDAS = [1, 0.7, 0.5, 0.3] as const;

type Call = Pick<DiverseList, "k" | "pool" | "lambda">;

if (haveTokens()) {
  const { data, dim, bias, counts, queries } = tokensHead("tokens", CLASSES);
  const calibration = queries.subarray(0, CALIBRATION_QUERIES * dim);
  const file = await buildMeasured({ data, shape: [CLASSES, dim] }, { bias, counts, queries: calibration, seed: 1 });
  const index = await load(file);
  const asked = queries.subarray(CALIBRATION_QUERIES * dim);
  const query = (call: number): Float32Array => {
    const at = ((7 * call) % (asked.length / dim)) * dim;
    return asked.subarray(at, at + dim);
  };
  const calls = LISTS.flatMap((list) => LAMBDAS.map((lambda): Call => ({ ...list, lambda })));
  const times = medianTimes(
    ROUNDS,
    BURST,
    Object.fromEntries(
      calls.map((call) => [nameOf(call), (i: number) => index.topK(query(i), call.k, optionsOf(call))]),
    ),
  );
  const timeOf = (call: Call): number => times[nameOf(call)] as number;
  const result: DiversityResult = {
    ...originOf("one core"),
    head: "100,000 tokens, RQ, K = 256, int8 rows of 64 values",
    queries: QUERIES,
    lists: calls.map(
      (call): DiverseList => ({
        ...call,
        time: timeOf(call) / timeOf({ ...call, lambda: 1 }),
        ...meansOf(index, call, query),
      }),
    ),
  };
  index.dispose();
  console.log(diversityTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/recommend.md", "diversity", diversityTable(writeResult("diversity", result)));
  }
}

function nameOf({ k, pool, lambda }: Call): string {
  return `${k} of ${pool}, ${lambda}`;
}

function optionsOf({ pool, lambda }: Call): TopKOptions {
  return lambda === 1 ? {} : { diversity: { pool, lambda } };
}

/** Compares the lists of all queries with the best classes. */
function meansOf(
  index: MultiIndex,
  call: Call,
  query: (call: number) => Float32Array,
): Pick<DiverseList, "cosine" | "probability"> {
  let [cosine, probability] = [0, 0];
  for (let i = 0; i < QUERIES; i++) {
    const list = index.topK(query(i), call.k, optionsOf(call));
    const best = index.topK(query(i), call.k);
    const top = best.scores[0] as number;
    const massOf = (scores: Float32Array): number => scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
    probability += massOf(list.scores) / massOf(best.scores) / QUERIES;
    cosine += meanCosine(Array.from(list.ids, (id) => index.rows([id]))) / QUERIES;
  }
  return { cosine, probability };
}

function meanCosine(rows: readonly Float32Array[]): number {
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, d) => sum + value * (b[d] as number), 0);
  const lengths = rows.map((row) => Math.sqrt(dot(row, row)));
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      const product = dot(rows[i] as Float32Array, rows[j] as Float32Array);
      sum += product / ((lengths[i] as number) * (lengths[j] as number));
    }
  }
  return sum / ((rows.length * (rows.length - 1)) / 2);
}
