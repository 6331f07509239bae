import { grouped, table } from "../page.ts";
import type { BiasPoint, CodewordsPoint, CurvesResult, DivergencePoint, MeasuredBias, StepPoint } from "./result.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ head, itemCount }: { readonly head: string; readonly itemCount: number }): string =>
  `${head}, ${itemCount.toLocaleString("en")} classes`;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** A table with one row per sampler but the softmax itself, and one column per head and number of classes. */
function byHead(all: readonly DivergencePoint[], figure: (point: DivergencePoint) => string): string {
  const points = all.filter(({ sampler }) => sampler !== "full");
  const heads = distinct(points.map(titleOf));
  const rows = distinct(points.map(({ sampler }) => sampler)).map((sampler) => [
    sampler,
    ...heads.map((head) => {
      const point = points.find((one) => one.sampler === sampler && titleOf(one) === head);
      return point ? figure(point) : "";
    }),
  ]);
  return table(["", ...heads.map((head) => head.replace(/ classes$/, ""))], 1, rows);
}

/** Divergences and biases by sampler, head and number of classes, as Markdown. */
export const divergenceTables = ({ divergence }: CurvesResult): string =>
  [
    `KL(P‖Q) in nats, mean over ${divergence[0]?.queryCount} queries:`,
    byHead(divergence, ({ kl }) => kl.toFixed(3)),
    "Effective sample size per draw in the limit of many draws, 1 / (1 + χ²(P‖Q)), median over the queries:",
    byHead(divergence, ({ effectiveSampleShare }) => short(effectiveSampleShare)),
    "χ²(P‖Q), 90th percentile over the queries:",
    byHead(divergence, ({ chiSquareP90 }) => short(chiSquareP90)),
    `Relative bias of the gradient, form B, M = ${divergence[0]?.gradient?.draws}:`,
    byHead(divergence, ({ gradient }) => (gradient ? biasOf(gradient) : "")),
  ].join("\n\n");

/** Divergences and biases by the number of codewords, as Markdown. */
export function codewordsTable({ codewords }: CurvesResult): string {
  const samplers = distinct(codewords.map(({ sampler }) => sampler));
  const figures: readonly (readonly [string, (point: CodewordsPoint) => string])[] = [
    ["KL(P‖Q)", ({ kl }) => kl.toFixed(3)],
    ["ESS per draw", ({ effectiveSampleShare }) => effectiveSampleShare.toFixed(2)],
    ["bias", ({ gradient }) => (gradient ? biasOf(gradient) : "")],
  ];
  const rows = distinct(codewords.map(titleOf)).flatMap((head) =>
    distinct(codewords.map(({ bits }) => bits)).map((bits) => {
      const points = samplers.map((sampler) =>
        codewords.find((point) => titleOf(point) === head && point.bits === bits && point.sampler === sampler),
      );
      const cells = figures.flatMap(([, figure]) => points.map((point) => (point ? figure(point) : "")));
      return [head, String(2 ** bits), ...cells];
    }),
  );
  const heading = figures.flatMap(([name]) => samplers.map((sampler) => `${name}, ${sampler.replace("midx, ", "")}`));
  return table(["head", "K", ...heading], 1, grouped(rows));
}

/** The fewest draws shown. The figure has fewer. */
const LEAST_DRAWS = 20;

/** Bias of the gradient by sampler and form, and by head and draws, as Markdown. */
export function biasTables({ bias: all }: CurvesResult): string {
  const points = all.filter(({ sampler, draws }) => sampler !== "full" && draws >= LEAST_DRAWS);
  const heads = distinct(points.map(titleOf));
  const draws = distinct(points.map((point) => point.draws));
  const rows = distinct(points.map(({ sampler }) => sampler)).flatMap((sampler) =>
    (["B", "A"] as const).map((form) => [
      sampler,
      form,
      ...heads.flatMap((head) => {
        const own = points.filter(
          (point) => point.sampler === sampler && point.form === form && titleOf(point) === head,
        );
        return [...own.map(biasOf), own.every(({ bias }) => bias > ROUNDING) ? orderOf(own).toFixed(2) : ""];
      }),
    ]),
  );
  const heading = heads.flatMap((head) => [
    ...draws.map((count, i) => `${i === 0 ? `${head}: ` : ""}M = ${count}`),
    "order",
  ]);
  return table(["", "form", ...heading], 2, grouped(rows));
}

/** Relative rounding error of gradients in f32. A smaller bias is shown as 0. */
const ROUNDING = 1e-6;

/** Smaller standard errors, relative to the bias, are not shown. */
const LEAST_ERROR = 0.05;

function biasOf({ bias, standardError }: MeasuredBias): string {
  if (bias <= ROUNDING) return "0";
  return standardError < LEAST_ERROR * bias ? short(bias) : `${short(bias)} ± ${short(standardError)}`;
}

/** −d log bias / d log M between the two largest numbers of draws: 1 where it falls as 1 / M. */
export function orderOf(points: readonly BiasPoint[]): number {
  const [before, last] = points.toSorted((a, b) => a.draws - b.draws).slice(-2) as [BiasPoint, BiasPoint];
  return Math.log(before.bias / last.bias) / Math.log(last.draws / before.draws);
}

/** Targets for a step with midx. */
const LEAST_GAIN = 5;
const GAIN_FROM = 33_000;
const MOST_COST = 1.5;

/** Milliseconds of a training step, as Markdown. */
export function stepsTable({ steps }: CurvesResult): string {
  const { machine, node, dim, batch, negatives, points } = steps;
  const names = distinct(points.flatMap(({ times }) => Object.keys(times)));
  const ratio = (name: string, over: string) => (point: StepPoint) =>
    ((point.times[name] as number) / (point.times[over] as number)).toFixed(2);
  return [
    `Measured on ${machine}, Node ${node}: a step of ${batch} examples, D = ${dim}, M = ${negatives}, Adagrad; milliseconds of the thread's CPU time, medians.`,
    table(["", ...points.map(({ itemCount }) => itemCount.toLocaleString("en"))], 1, [
      ...names.map((name) => [name, ...points.map(({ times }) => times[name]?.toFixed(2) ?? "")]),
      ["full / midx, rq", ...points.map(ratio("full", "midx, rq"))],
      ["midx, rq / uniform", ...points.map(ratio("midx, rq", "uniform"))],
    ]),
    `Targets: full / midx at least ${LEAST_GAIN} from ${GAIN_FROM.toLocaleString("en")} classes on, midx / uniform at most ${MOST_COST}.`,
  ].join("\n\n");
}

/** Two significant digits. */
const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-4
    ? value.toExponential(0)
    : Number(value.toPrecision(2)).toLocaleString("en", { maximumSignificantDigits: 2 });
