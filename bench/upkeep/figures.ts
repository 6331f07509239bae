import * as Plot from "@observablehq/plot";
import { svgOf } from "../svg.ts";
import { paybackSteps, upkeepOf } from "./payback.ts";
import type { UpkeepResult } from "./result.ts";
import { PAYBACKS, titleOf } from "./tables.ts";

const COLOURS: Readonly<Record<string, string>> = {
  kept: "#737373",
  reassigned: "#d97706",
  "1 pass": "#0d9488",
  "8 passes": "#1e3a8a",
  rebuilt: "#2563eb",
};

const SIZE = { width: 900, height: 340, marginLeft: 56, marginRight: 150 };
const STEPS = { type: "log", label: "steps of training since the index was built", tickFormat: "~s" } as const;

interface Labelled {
  readonly title: string;
  readonly label: string;
  readonly colour: string;
}

function legend(last: string, entries: readonly (readonly [label: string, colour: string])[]): Plot.Markish[] {
  return entries.map(([label, colour], i) =>
    Plot.text([{ title: last, label }], {
      fx: "title",
      text: "label",
      fill: colour,
      frameAnchor: "top-right",
      textAnchor: "start",
      dx: 12,
      dy: 16 * i,
    }),
  );
}

/** Effective sample size against drift, by kind of upkeep. */
function sampleSizeFigure({ starts }: UpkeepResult): string {
  const titles = starts.map(titleOf);
  const points = starts.flatMap((start) =>
    start.states.flatMap((state) =>
      Object.entries(COLOURS).map(([label, colour]) => ({
        title: titleOf(start),
        label,
        colour,
        steps: state.steps,
        share: upkeepOf(state, label).effectiveSampleShare,
      })),
    ),
  );
  const shared = { fx: "title", x: "steps", y: "share" };
  const built = starts.map((start) => ({ title: titleOf(start), share: start.effectiveSampleShare }));
  return svgOf({
    ...SIZE,
    fx: { label: null, domain: titles },
    x: STEPS,
    y: { label: "effective sample size per draw", domain: [0, 1], grid: true },
    marks: [
      Plot.ruleY(built, { fx: "title", y: "share", stroke: "#999", strokeDasharray: "4 3" }),
      Plot.line(points, { ...shared, z: "label", stroke: "colour" }),
      Plot.dot(points, { ...shared, fill: ({ colour }: Labelled) => colour, r: 3 }),
      ...legend(titles.at(-1) as string, [...Object.entries(COLOURS), ["dashed: when built", "#999"]]),
    ],
    color: { type: "identity" },
  });
}

const PAYBACK_COLOURS = ["#d97706", "#2563eb", "#c026d3"];

/** Steps until upkeep has paid, against steps since the build. Below the diagonal, upkeep this often pays. */
function paybackFigure({ starts }: UpkeepResult): string {
  const titles = starts.map(titleOf);
  const points = starts.flatMap((start) =>
    start.states.flatMap((state) =>
      PAYBACKS.map(([done, other], i) => ({
        title: titleOf(start),
        label: `${done} against ${other}`,
        colour: PAYBACK_COLOURS[i] as string,
        steps: state.steps,
        payback: paybackSteps(state, upkeepOf(state, done), upkeepOf(state, other)),
      })),
    ),
  );
  const shown = points.filter(({ payback }) => Number.isFinite(payback) && payback > 0);
  const diagonal = starts.flatMap((start) =>
    start.states.map(({ steps }) => ({ title: titleOf(start), steps, payback: steps })),
  );
  const shared = { fx: "title", x: "steps", y: "payback" };
  return svgOf({
    ...SIZE,
    fx: { label: null, domain: titles },
    x: STEPS,
    y: { type: "log", label: "steps until it has paid", grid: true, tickFormat: "~s" },
    marks: [
      Plot.line(diagonal, { ...shared, stroke: "#999", strokeDasharray: "4 3" }),
      Plot.line(shown, { ...shared, z: "label", stroke: "colour" }),
      Plot.dot(shown, { ...shared, fill: ({ colour }: Labelled) => colour, r: 3 }),
      ...legend(titles.at(-1) as string, [
        ...PAYBACKS.map(([done, other], i) => [`${done} against ${other}`, PAYBACK_COLOURS[i] as string] as const),
        ["dashed: steps since", "#999"],
      ]),
    ],
    color: { type: "identity" },
  });
}

/** The figures of docs/, by name. */
export const UPKEEP_FIGURES: Readonly<Record<string, (result: UpkeepResult) => string>> = {
  upkeep: sampleSizeFigure,
  "upkeep-payback": paybackFigure,
};
