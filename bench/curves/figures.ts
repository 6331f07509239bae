import * as Plot from "@observablehq/plot";
import { svgOf } from "../svg.ts";
import { KINDS } from "./kinds.ts";
import type { BiasPoint, CurvesResult, DivergencePoint } from "./result.ts";
import { titleOf } from "./tables.ts";

/** The colours of all samplers, also of the smaller head that is timed. */
const COLOURS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(KINDS.map(({ name, colour }) => [name, colour])),
  "midx, head of 64": "#1e3a8a",
};
const colourOf = ({ sampler }: { readonly sampler: string }): string => COLOURS[sampler] ?? "#222";

/** The samplers' names in their colours, to the right of the frame, or of that of the facet given. */
function legend(
  samplers: readonly string[],
  facet: { readonly fx?: string; readonly fy?: string } = {},
): Plot.Markish[] {
  return Object.keys(COLOURS)
    .filter((sampler) => samplers.includes(sampler))
    .map((sampler, i) =>
      Plot.text([{ ...facet, sampler }], {
        ...(facet.fx !== undefined && { fx: "fx" }),
        ...(facet.fy !== undefined && { fy: "fy" }),
        text: "sampler",
        fill: colourOf,
        frameAnchor: "top-right",
        textAnchor: "start",
        dx: 12,
        dy: 16 * i,
      }),
    );
}

const SIZE = { width: 760, height: 380, marginLeft: 56, marginRight: 130 };
const BY_CLASSES = { type: "log", label: "classes", tickFormat: "~s" } as const;

type Figure = (point: DivergencePoint) => number | undefined;

/** A figure against the number of classes. Circles are the head in examples/, which has one size. */
function classesFigure({ divergence }: CurvesResult, y: Figure, label: string): string {
  const shown = divergence.filter((point) => point.sampler !== "full" && y(point) !== undefined);
  const tokens = shown.filter(({ head }) => head === "tokens");
  return svgOf({
    ...SIZE,
    x: BY_CLASSES,
    y: { type: "log", label, grid: true, tickFormat: "~g" },
    marks: [
      Plot.line(tokens, { x: "itemCount", y, z: "sampler", stroke: colourOf }),
      Plot.dot(tokens, { x: "itemCount", y, fill: colourOf, r: 3 }),
      Plot.dot(
        shown.filter(({ head }) => head !== "tokens"),
        { x: "itemCount", y, stroke: colourOf, r: 4 },
      ),
      ...legend(shown.map(({ sampler }) => sampler)),
    ],
  });
}

function codewordsFigure({ codewords }: CurvesResult, y: Figure, label: string): string {
  const heads = [...new Set(codewords.map(titleOf))];
  return svgOf({
    ...SIZE,
    height: 300,
    fx: { label: null, domain: heads },
    x: { label: "codewords of each codebook", type: "log", base: 2, tickFormat: "d", ticks: 5 },
    y: { type: "log", label, grid: true, tickFormat: "~g" },
    marks: [
      Plot.line(codewords, { fx: titleOf, x: ({ bits }) => 2 ** bits, y, z: "sampler", stroke: colourOf }),
      Plot.dot(codewords, { fx: titleOf, x: ({ bits }) => 2 ** bits, y, fill: colourOf, r: 3 }),
      ...legend(["midx, rq", "midx, pq"], { fx: heads.at(-1) as string }),
    ],
  });
}

/** The samplers whose bounds are drawn. Those of all would hide the curves. */
const BOUNDED = ["unigram", "midx, rq"];
const LEAST_BIAS = 1e-4;

function biasFigure({ bias }: CurvesResult): string {
  const heads = [...new Set(bias.map(titleOf))];
  const titleOfForm = ({ form }: BiasPoint): string => `form ${form}`;
  const told = bias.filter((point) => point.bias > Math.max(LEAST_BIAS, 2 * point.standardError));
  const bounds = bias.filter(({ sampler, bound }) => BOUNDED.includes(sampler) && bound > LEAST_BIAS);
  const shared = { fx: titleOf, fy: titleOfForm, x: "draws", z: "sampler" };
  return svgOf({
    ...SIZE,
    width: 900,
    height: 560,
    marginRight: 140,
    fx: { label: null, domain: heads },
    fy: { axis: null, domain: ["form B", "form A"] },
    x: { type: "log", label: "draws M", ticks: [5, 20, 100, 500], tickFormat: "d" },
    y: {
      type: "log",
      label: "bias of the gradient, relative",
      domain: [LEAST_BIAS, 10],
      grid: true,
      clamp: true,
      tickFormat: "~g",
    },
    marks: [
      Plot.text(bias, {
        ...Plot.groupZ({ text: "first" }, { fx: titleOf, fy: titleOfForm, text: titleOfForm }),
        frameAnchor: "bottom-left",
        dx: 6,
        dy: -8,
      }),
      Plot.line(bounds, { ...shared, y: "bound", stroke: colourOf, strokeDasharray: "4 3" }),
      Plot.line(told, { ...shared, y: "bias", stroke: colourOf }),
      Plot.dot(told, { ...shared, y: "bias", fill: colourOf, r: 3 }),
      ...legend(
        bias.map(({ sampler }) => sampler),
        { fx: heads.at(-1) as string, fy: "form B" },
      ),
    ],
  });
}

function stepsFigure({ steps }: CurvesResult): string {
  const times = steps.points.flatMap(({ itemCount, times: own }) =>
    Object.entries(own).map(([sampler, ms]) => ({ itemCount, sampler, ms })),
  );
  return svgOf({
    ...SIZE,
    x: BY_CLASSES,
    y: { type: "log", label: "milliseconds per step", grid: true, tickFormat: "~g" },
    marks: [
      Plot.line(times, { x: "itemCount", y: "ms", z: "sampler", stroke: colourOf }),
      Plot.dot(times, { x: "itemCount", y: "ms", fill: colourOf, r: 3 }),
      ...legend(times.map(({ sampler }) => sampler)),
    ],
  });
}

const KL = "KL(P‖Q), nats";
const biasLabel = ({ divergence }: CurvesResult): string =>
  `bias of the gradient, form B, M = ${divergence[0]?.gradient?.draws}, relative`;
const biasOf: Figure = ({ gradient }) => gradient?.bias;

/** The figures of docs/, by name. */
export const CURVES_FIGURES: Readonly<Record<string, (result: CurvesResult) => string>> = {
  "curves-divergence": (result) => classesFigure(result, ({ kl }) => kl, KL),
  "curves-sample-size": (result) =>
    classesFigure(
      result,
      ({ effectiveSampleShare }) => effectiveSampleShare,
      "effective sample size per draw, 1 / (1 + χ²)",
    ),
  "curves-bias-classes": (result) => classesFigure(result, biasOf, biasLabel(result)),
  "curves-codewords": (result) => codewordsFigure(result, ({ kl }) => kl, KL),
  "curves-bias-codewords": (result) => codewordsFigure(result, biasOf, biasLabel(result)),
  "curves-bias": biasFigure,
  "curves-steps": stepsFigure,
};
