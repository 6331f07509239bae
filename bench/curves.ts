// The quality and the cost of samplers (npm run bench:curves): KL, chi-square and effective sample size against the
// number of classes and of codewords; the bias of the sampled gradient, with its bound, against the number of draws;
// and the time of a training step against the number of classes. --write writes bench/results/curves.json,
// docs/curves.md and its figures. --only divergence, codewords, bias or steps measures one of these and leaves the
// others as they were.
import { parseArgs } from "node:util";
import type { Sampler } from "../src/train/samplers/sampler.ts";
import { biasesFrom, type Effort } from "./curves/bias.ts";
import { divergencesFrom, firstClasses, samplerOf, samplerOfKind } from "./curves/divergence.ts";
import { CURVES_BLOCKS, drawCurves } from "./curves/docs.ts";
import { KINDS, MOST_DRAWS } from "./curves/kinds.ts";
import type { BiasPoint, CodewordsPoint, CurvesResult, DivergencePoint } from "./curves/result.ts";
import { timeSteps } from "./curves/steps.ts";
import { type BiasedHead, haveTokens, nextWordHead, tokensHead } from "./heads.ts";
import { readResult, writeResult } from "./results-file.ts";

const QUERIES = 64;
const BIAS_QUERIES = 16;
const SIZES = [1_000, 3_000, 10_000, 33_000, 100_000, 1_000_000];
/** The largest number of classes for which everything is measured. */
const WHOLE = 100_000;
/** Repetitions by the number of draws: fewer where each takes longer. */
const EFFORTS: readonly Effort[] = [
  { draws: 5, repetitions: 4000 },
  { draws: 20, repetitions: 2000 },
  { draws: 100, repetitions: 600 },
  { draws: 500, repetitions: 200 },
];
/** The effort for the curves against classes and codewords. */
const EFFORT: Effort = { draws: 100, repetitions: 300 };
const BITS = [4, 5, 6, 7, 8];

const PARTS = {
  divergence: measureDivergence,
  codewords: measureCodewords,
  bias: measureBias,
  steps: timeSteps,
} satisfies { [Part in keyof CurvesResult]: () => Promise<CurvesResult[Part]> };

const { values } = parseArgs({ options: { write: { type: "boolean" }, only: { type: "string" } } });
const wanted = (Object.keys(PARTS) as (keyof CurvesResult)[]).filter((part) => (values.only ?? part) === part);
if (wanted.length === 0) throw new RangeError(`"only" expected ${Object.keys(PARTS).join(", ")}, got ${values.only}`);

// Without the token data set, a partial result would overwrite a complete one.
const isWhole = values.only === "steps" || haveTokens();
const measured: Partial<CurvesResult> = {};
for (const part of wanted) {
  Object.assign(measured, { [part]: await PARTS[part]() });
  console.log(CURVES_BLOCKS[part](measured as CurvesResult), "\n");
}
if (values.write && isWhole) {
  const before = values.only ? readResult<CurvesResult>("curves") : undefined;
  drawCurves(writeResult("curves", { ...before, ...measured } as CurvesResult));
}

/** Returns the next-word head and, if the token data set exists, one head for each of these numbers of classes. */
function heads(sizes: readonly number[]): BiasedHead[] {
  if (!isWhole) return [nextWordHead()];
  const tokens = tokensHead("tokens", Math.max(...sizes));
  return [nextWordHead(), ...sizes.map((itemCount) => firstClasses(tokens, itemCount))];
}

/** Prepares measurements of samplers of a head. */
async function measureOf(head: BiasedHead): Promise<(name: string, sampler: Sampler) => DivergencePoint> {
  const measure = await divergencesFrom(head, QUERIES);
  if (head.itemCount > WHOLE) return measure;
  const biasesOf = await biasesFrom(head, BIAS_QUERIES);
  return (name, sampler) => ({ ...measure(name, sampler), gradient: biasesOf(sampler)("B", EFFORT) });
}

async function measureDivergence(): Promise<DivergencePoint[]> {
  const points: DivergencePoint[] = [];
  for (const head of heads(SIZES)) {
    const measure = await measureOf(head);
    for (const kind of KINDS) {
      if (head.itemCount > (kind.mostClasses ?? head.itemCount)) continue;
      points.push(measure(kind.name, await samplerOfKind(kind, head, QUERIES)));
    }
  }
  return points;
}

async function measureCodewords(): Promise<CodewordsPoint[]> {
  const points: CodewordsPoint[] = [];
  for (const head of heads([WHOLE])) {
    const measure = await measureOf(head);
    for (const quantizer of ["rq", "pq"] as const) {
      for (const bits of BITS) {
        const sampler = await samplerOf({ kind: "midx", quantizer, bits, maxDraws: MOST_DRAWS }, head);
        points.push({ bits, ...measure(`midx, ${quantizer}`, sampler) });
      }
    }
  }
  return points;
}

async function measureBias(): Promise<BiasPoint[]> {
  const points: BiasPoint[] = [];
  for (const head of heads([WHOLE])) {
    const biasesOf = await biasesFrom(head, BIAS_QUERIES);
    for (const kind of KINDS) {
      const measure = biasesOf(await samplerOfKind(kind, head, QUERIES));
      for (const form of ["B", "A"] as const) {
        for (const effort of EFFORTS) {
          const { itemCount } = head;
          const of = { head: head.name, itemCount, sampler: kind.name, form, queryCount: BIAS_QUERIES };
          points.push({ ...of, ...measure(form, effort) });
        }
      }
    }
  }
  return points;
}
