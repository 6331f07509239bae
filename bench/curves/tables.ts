import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { BiasPoint, CodewordsPoint, CurvesResult, DivergencePoint, MeasuredBias, StepPoint } from "./result.ts";

/** "tokens, 100,000 classes" */
export const titleOf = ({ head, itemCount }: { readonly head: string; readonly itemCount: number }): string =>
  `${head}, ${itemCount.toLocaleString("en")} classes`;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Numbers of classes that only the figures show. */
const BETWEEN = [3000, 33_000];

/** Points of the samplers but the softmax itself, at the numbers of classes that the tables show. */
const shownOf = (all: readonly DivergencePoint[]): DivergencePoint[] =>
  all.filter(({ sampler, itemCount }) => sampler !== "full" && !BETWEEN.includes(itemCount));

/** Returns a table with one row per sampler, and one column per head and number of classes. */
function byHead(points: readonly DivergencePoint[], figure: (point: DivergencePoint) => string): string {
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
export function divergenceTables({ divergence }: CurvesResult): string {
  const points = shownOf(divergence);
  const measured = points.filter(({ gradient }) => gradient !== undefined);
  const gradients = measured.flatMap(({ gradient }) => gradient ?? []);
  return [
    `KL(P‖Q) in nats, mean over ${points[0]?.queryCount} queries:`,
    byHead(points, ({ kl }) => kl.toFixed(3)),
    "ESS per draw, median over the queries:",
    byHead(points, ({ effectiveSampleShare }) => short(effectiveSampleShare)),
    `Relative bias of the gradient, form B, M = ${gradients[0]?.draws} (${errorsOf(gradients)}):`,
    byHead(measured, ({ gradient }) => (gradient ? biasOf(gradient) : "")),
  ].join("\n\n");
}

/** Divergences and biases by the number of codewords, as Markdown. */
export function codewordsTable({ codewords }: CurvesResult): string {
  const samplers = distinct(codewords.map(({ sampler }) => sampler));
  const figures: readonly (readonly [string, (point: CodewordsPoint) => string])[] = [
    ["KL(P‖Q)", ({ kl }) => kl.toFixed(3)],
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
  const gradients = codewords.flatMap(({ gradient }) => gradient ?? []);
  return [
    `Bias in form B with M = ${gradients[0]?.draws} (${errorsOf(gradients)}):`,
    table(["", "K", ...heading], 1, grouped(rows)),
  ].join("\n\n");
}

/** The columns of each head. The figure has all draws in both forms. */
const BIAS_COLUMNS = [
  { form: "B", draws: 20 },
  { form: "B", draws: 100 },
  { form: "B", draws: 500 },
  { form: "A", draws: 100 },
] as const;

/** Bias of the gradient by sampler, and by head, form and draws, as Markdown. */
export function biasTables({ bias }: CurvesResult): string {
  const isShown = (point: BiasPoint): boolean =>
    BIAS_COLUMNS.some(({ form, draws }) => point.form === form && point.draws === draws);
  const points = bias.filter((point) => point.sampler !== "full" && isShown(point));
  const heads = distinct(points.map(titleOf));
  const columns = heads.flatMap((head) => BIAS_COLUMNS.map((column) => ({ head, ...column })));
  const rows = distinct(points.map(({ sampler }) => sampler)).map((sampler) => [
    sampler,
    ...columns.map(({ head, form, draws }) => {
      const own = points.filter((point) => point.sampler === sampler && titleOf(point) === head);
      const point = own.find((one) => one.form === form && one.draws === draws);
      return point ? biasOf(point) : "";
    }),
  ]);
  const heading = columns.map(
    ({ head, form, draws }, i) => `${i % BIAS_COLUMNS.length === 0 ? `${head}: ` : ""}${form}, ${draws}`,
  );
  return [
    `Relative bias by form and M (${errorsOf(points)}). All M of both forms are in the figure:`,
    table(["", ...heading], 1, rows),
  ].join("\n\n");
}

/** Relative rounding error of gradients in f32. A smaller bias is shown as 0. */
const ROUNDING = 1e-6;

const biasOf = ({ bias }: MeasuredBias): string => (bias <= ROUNDING ? "0" : short(bias));

/** Returns the largest of the relative standard errors, in words. */
function errorsOf(points: readonly MeasuredBias[]): string {
  const errors = points.filter(({ bias }) => bias > ROUNDING).map(({ bias, standardError }) => standardError / bias);
  return `standard errors at most ${Math.ceil(100 * Math.max(...errors))} %`;
}

/** Targets for a step with midx. */
const LEAST_GAIN = 5;
const GAIN_FROM = 33_000;
const MOST_COST = 1.5;

/** Milliseconds of a training step, as Markdown. */
export function stepsTable({ steps }: CurvesResult): string {
  const { dim, batch, negatives, points, ...origin } = steps;
  const names = distinct(points.flatMap(({ times }) => Object.keys(times)));
  const ratio = (name: string, over: string) => (point: StepPoint) =>
    ((point.times[name] as number) / (point.times[over] as number)).toFixed(2);
  return [
    `Measured on ${placeOf(origin)}: a step of ${batch} examples, D = ${dim}, M = ${negatives}, Adagrad; milliseconds of the thread's CPU time, medians.`,
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
