import { table } from "../page.ts";
import type { BiasPoint, CodewordsPoint, CurvesResult, DivergencePoint, MeasuredBias, StepPoint } from "./result.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ head, itemCount }: { readonly head: string; readonly itemCount: number }): string =>
  `${head}, ${itemCount.toLocaleString("en")} classes`;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** A figure of each sampler by head and number of classes. */
function byHead(points: readonly DivergencePoint[], figure: (point: DivergencePoint) => string): string {
  const heads = distinct(points.map(titleOf));
  const rows = distinct(points.map(({ sampler }) => sampler)).map((sampler) => [
    sampler,
    ...heads.map((head) => {
      const point = points.find((one) => one.sampler === sampler && titleOf(one) === head);
      return point ? figure(point) : "";
    }),
  ]);
  return table(["", ...heads], 1, rows);
}

/** KL(P‖Q) and effective sample size by sampler, head and number of classes, as Markdown. */
export const divergenceTables = ({ divergence }: CurvesResult): string =>
  [
    `KL(P‖Q) in nats, mean over ${divergence[0]?.queryCount} queries:`,
    byHead(divergence, ({ kl }) => kl.toFixed(3)),
    "χ²(P‖Q), median / 90th percentile:",
    byHead(divergence, ({ chiSquare, chiSquareP90 }) => `${short(chiSquare)} / ${short(chiSquareP90)}`),
    "Effective sample size a draw in the limit of many, 1 / (1 + χ²), median:",
    byHead(divergence, ({ effectiveSampleShare }) => effectiveSampleShare.toFixed(4)),
    `Bias of the gradient, form B, M = ${divergence[0]?.gradient?.draws} (below):`,
    byHead(divergence, ({ gradient }) => (gradient ? biasOf(gradient) : "")),
  ].join("\n\n");

/** KL(P‖Q) by the number of codewords, as Markdown. */
export function codewordsTable({ codewords }: CurvesResult): string {
  const bits = distinct(codewords.map((point) => point.bits));
  const curves = distinct(codewords.map(curveOf)).map((curve) => codewords.filter((point) => curveOf(point) === curve));
  const cell = (point: CodewordsPoint | undefined): string =>
    point
      ? `${point.kl.toFixed(3)}, ${point.effectiveSampleShare.toFixed(2)}, ${point.gradient ? biasOf(point.gradient) : ""}`
      : "";
  return table(
    ["KL(P‖Q), effective sample size a draw, bias", ...bits.map((each) => `K = ${2 ** each}`)],
    1,
    curves.map((points) => [
      curveOf(points[0] as CodewordsPoint),
      ...bits.map((each) => cell(points.find((point) => point.bits === each))),
    ]),
  );
}

/** "tokens, 100,000 classes: midx, rq" */
const curveOf = (point: CodewordsPoint): string => `${titleOf(point)}: ${point.sampler}`;

/** Bias of the gradient by form, sampler and draws, with its bound, as Markdown. */
export function biasTables({ bias }: CurvesResult): string {
  return distinct(bias.map(titleOf))
    .map((head) => `${head}:\n\n${biasTable(bias.filter((point) => titleOf(point) === head))}`)
    .join("\n\n");
}

function biasTable(points: readonly BiasPoint[]): string {
  const draws = distinct(points.map((point) => point.draws));
  const rows = distinct(points.map(({ sampler }) => sampler)).flatMap((sampler) =>
    (["b", "a"] as const).map((form) => {
      const own = points.filter((point) => point.sampler === sampler && point.form === form);
      return [
        sampler,
        form.toUpperCase(),
        ...own.map(biasCell),
        own.every(({ bias }) => bias > ROUNDING) ? orderOf(own).toFixed(2) : "",
      ];
    }),
  );
  const last = draws.slice(-2).map((count) => count.toLocaleString("en"));
  return table(
    ["", "form", ...draws.map((count) => `M = ${count.toLocaleString("en")}`), `order, M = ${last.join(" to ")}`],
    2,
    rows,
  );
}

/** Of gradients in f32, relative: what is less is nothing. */
const ROUNDING = 1e-6;

const biasOf = ({ bias, standardError }: MeasuredBias): string =>
  bias > ROUNDING ? `${short(bias)} ± ${short(standardError)}` : "0";

const biasCell = (point: BiasPoint): string => `${biasOf(point)} (${short(point.bound)})`;

/** −d log bias / d log M between the two largest numbers of draws: 1 where it falls as 1 / M. */
export function orderOf(points: readonly BiasPoint[]): number {
  const [before, last] = points.toSorted((a, b) => a.draws - b.draws).slice(-2) as [BiasPoint, BiasPoint];
  return Math.log(before.bias / last.bias) / Math.log(last.draws / before.draws);
}

/** What a step with midx is held to. */
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
    `Measured on ${machine}, Node ${node}: a step of ${batch} examples, D = ${dim}, M = ${negatives}, adagrad; milliseconds of the thread's CPU, medians.`,
    table(["", ...points.map(({ itemCount }) => itemCount.toLocaleString("en"))], 1, [
      ...names.map((name) => [name, ...points.map(({ times }) => times[name]?.toFixed(2) ?? "")]),
      ["full / midx, rq", ...points.map(ratio("full", "midx, rq"))],
      ["midx, rq / uniform", ...points.map(ratio("midx, rq", "uniform"))],
    ]),
    `Aimed at: full / midx at least ${LEAST_GAIN} from ${GAIN_FROM.toLocaleString("en")} classes on, midx / uniform at most ${MOST_COST}.`,
  ].join("\n\n");
}

/** Two digits. */
const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(2)));
