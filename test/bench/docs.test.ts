import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CURVES_BLOCKS } from "../../bench/curves/docs.ts";
import { CURVES_FIGURES } from "../../bench/curves/figures.ts";
import type { BiasPoint, CurvesResult } from "../../bench/curves/result.ts";
import { readResult } from "../../bench/results-file.ts";
import { trustBlocks } from "../../bench/trust/docs.ts";
import type { TrustResult } from "../../bench/trust/summary.ts";
import { UPKEEP_BLOCKS } from "../../bench/upkeep/docs.ts";
import { UPKEEP_FIGURES } from "../../bench/upkeep/figures.ts";
import type { UpkeepResult } from "../../bench/upkeep/result.ts";

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
const curves = readResult<CurvesResult>("curves");
const upkeep = readResult<UpkeepResult>("upkeep");
const trust = readResult<TrustResult>("trust");

const pages = [
  ...Object.entries(CURVES_BLOCKS).map(([name, block]) => ["curves.md", name, block(curves)] as const),
  ...trustBlocks(trust),
  ...Object.entries(UPKEEP_BLOCKS).map(([name, block]) => ["upkeep.md", name, block(upkeep)] as const),
];

test.each(pages)("docs/%s shows the committed measurements: %s", (page, name, text) => {
  expect(read(page)).toContain(`<!-- ${name} -->\n\n${text}\n\n<!-- /${name} -->`);
});

const figures = [
  ...Object.entries(CURVES_FIGURES).map(([name, figure]) => ["curves.md", name, figure(curves)] as const),
  ...Object.entries(UPKEEP_FIGURES).map(([name, figure]) => ["upkeep.md", name, figure(upkeep)] as const),
];

test.each(figures)("docs/%s has the figure that the committed measurements give: %s", (page, name, svg) => {
  expect(read(`${name}.svg`)).toBe(svg);
  expect(read(page)).toContain(`(${name}.svg)`);
});

/** The relative rounding of gradients in f32. */
const ROUNDING = 1e-6;

test("every bias that was measured is at most its bound", () => {
  const against = [...curves.divergence, ...curves.codewords].flatMap(({ gradient }) => gradient ?? []);
  expect(against.length).toBeGreaterThan(70);
  for (const point of [...curves.bias, ...against]) {
    const { bias, standardError, bound } = point;
    expect(bias, JSON.stringify(point)).toBeLessThanOrEqual(bound + 3 * standardError + ROUNDING);
  }
});

const pointsOf = (sampler: string, form: BiasPoint["form"], head: string): BiasPoint[] =>
  curves.bias.filter((point) => point.sampler === sampler && point.form === form && point.head === head);

test("with the softmax as sampler, the gradient is exact in form B and short by 1 / (M + 1) in form A", () => {
  for (const head of ["next words", "tokens"]) {
    for (const { bias } of pointsOf("full", "B", head)) expect(bias).toBeLessThan(ROUNDING);
    for (const { draws, bias } of pointsOf("full", "A", head)) expect(bias * (draws + 1)).toBeCloseTo(1, 3);
  }
});

/** −d log bias / d log M between the two largest numbers of draws: 1 where it falls as 1 / M. */
function orderOf(points: readonly BiasPoint[]): number {
  const [before, last] = points.toSorted((a, b) => a.draws - b.draws).slice(-2) as [BiasPoint, BiasPoint];
  return Math.log(before.bias / last.bias) / Math.log(last.draws / before.draws);
}

test("the bias falls with the number of draws, as 1 / M for many", () => {
  for (const { sampler, form, head } of curves.bias.filter(({ draws, sampler }) => draws === 5 && sampler !== "full")) {
    const points = pointsOf(sampler, form, head);
    const [first, last] = [points[0], points.at(-1)] as [BiasPoint, BiasPoint];
    expect(last.bias - 3 * last.standardError, `${head}, ${sampler}, form ${form}`).toBeLessThan(first.bias);
  }
  const order = orderOf(pointsOf("midx, head of 256", "A", "tokens"));
  expect(order).toBeGreaterThan(0.85);
  expect(order).toBeLessThan(1.15);
});

test("of two MIDX proposals, the closer one has the smaller bias in form B", () => {
  const [plain, head] = ["midx, rq", "midx, head of 256"].map((sampler) => pointsOf(sampler, "B", "tokens"));
  for (const [i, point] of (plain ?? []).entries()) {
    expect(head?.[i]?.bias, `${point.draws} draws`).toBeLessThan(point.bias);
  }
});

test("reassigned classes draw better than kept ones, and a rebuild no worse than those", () => {
  for (const { states } of upkeep.starts) {
    const last = states.at(-1)?.upkeep ?? [];
    const share = (name: string): number => last.find((one) => one.name === name)?.effectiveSampleShare ?? Number.NaN;
    expect(share("reassigned")).toBeGreaterThan(share("kept"));
    expect(share("rebuilt")).toBeGreaterThan(0.95 * share("reassigned"));
  }
});
