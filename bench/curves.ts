// What samplers are worth and what they take (npm run bench:curves): KL, chi-square and effective sample size against the
// number of classes and of codewords, the bias of the sampled gradient against the number of draws, beside its bound, and
// the time of a training step against the number of classes. With --write: bench/results/curves.json, docs/curves.md and
// its figures. --only divergence, codewords, bias or steps measures one of these, and leaves the others as they were.
import { parseArgs } from "node:util";
import { biasesFrom } from "./curves/bias.ts";
import { divergencesFrom, firstClasses } from "./curves/divergence.ts";
import { CURVES_BLOCKS, drawCurves } from "./curves/docs.ts";
import { KINDS } from "./curves/kinds.ts";
import type { BiasPoint, CodewordsPoint, CurvesResult, DivergencePoint } from "./curves/result.ts";
import { timeSteps } from "./curves/steps.ts";
import { type BiasedHead, haveTokens, nextWordHead, tokensHead } from "./heads.ts";
import { readResult, writeResult } from "./results-file.ts";

const QUERIES = 64;
const BIAS_QUERIES = 16;
const SIZES = [1_000, 3_000, 10_000, 33_000, 100_000, 1_000_000];
/** Where all kinds are measured. */
const WHOLE = 100_000;
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

// Without the tokens, what there is would take the place of more.
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

/** The next words; where tokens are there, so many of their classes each. */
function heads(sizes: readonly number[]): BiasedHead[] {
  if (!isWhole) return [nextWordHead()];
  const tokens = tokensHead("tokens", Math.max(...sizes));
  return [nextWordHead(), ...sizes.map((itemCount) => firstClasses(tokens, itemCount))];
}

async function measureDivergence(): Promise<DivergencePoint[]> {
  const points: DivergencePoint[] = [];
  for (const head of heads(SIZES)) {
    const measure = await divergencesFrom(head, QUERIES);
    for (const { name, options, mostClasses = head.itemCount } of KINDS) {
      if (head.itemCount <= mostClasses) points.push(await measure(name, options));
    }
  }
  return points;
}

async function measureCodewords(): Promise<CodewordsPoint[]> {
  const points: CodewordsPoint[] = [];
  for (const head of heads([WHOLE])) {
    const measure = await divergencesFrom(head, QUERIES);
    for (const quantizer of ["rq", "pq"] as const) {
      for (const bits of BITS) {
        points.push({ bits, ...(await measure(`midx, ${quantizer}`, { kind: "midx", quantizer, bits })) });
      }
    }
  }
  return points;
}

async function measureBias(): Promise<BiasPoint[]> {
  const points: BiasPoint[] = [];
  for (const head of heads([WHOLE])) {
    const measure = await biasesFrom(head, BIAS_QUERIES);
    for (const kind of KINDS) points.push(...(await measure(kind)));
  }
  return points;
}
