import * as Plot from "@observablehq/plot";
import { svgOf } from "../svg.ts";
import { DRAWS } from "./plan.ts";
import type { Proposal } from "./proposals.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import type { Trained } from "./training.ts";

const COLOURS: Readonly<Record<Proposal, string>> = {
  "full softmax": "#111111",
  uniform: "#9ca3af",
  unigram: "#6b7280",
  LSH: "#a16207",
  quadratic: "#65a30d",
  RFF: "#0d9488",
  "MIDX-PQ": "#93c5fd",
  "MIDX-RQ": "#2563eb",
  "MIDX learned": "#7c3aed",
  "MIDX with head": "#db2777",
};

/** docs/results.svg: the validation measure against the CPU time of training. M = 100, the first seed, one point per epoch. */
export function trainingFigure({ sets, runs }: TablesResult): string {
  const width = 3 * PANEL.width;
  const height = Math.ceil(sets.length / 3) * PANEL.height + LEGEND;
  const placed = sets.map((set, i) => {
    const [x, y] = [(i % 3) * PANEL.width, Math.floor(i / 3) * PANEL.height + LEGEND];
    return panelOf(set, runs).replace("<svg", `<svg x="${x}" y="${y}"`);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...legend(),
    ...placed,
    "</svg>\n",
  ].join("\n");
}

const PANEL = { width: 320, height: 260 };
const LEGEND = 48;

function legend(): string[] {
  return Object.entries(COLOURS).map(([name, colour], i) => {
    const [x, y] = [16 + (i % 5) * 184, 18 + Math.floor(i / 5) * 18];
    return `<circle cx="${x}" cy="${y - 4}" r="4" fill="${colour}"/><text x="${x + 10}" y="${y}" fill="#222">${name}</text>`;
  });
}

function panelOf(set: SetFacts, runs: readonly Trained[]): string {
  const points = runs
    .filter(
      (run) =>
        run.set === set.name &&
        run.seed === 1 &&
        run.epochs === set.epochs &&
        (run.draws === DRAWS[0] || run.draws === 0),
    )
    .flatMap(({ proposal, epochsPassed }) => epochsPassed.map(({ seconds, valid }) => ({ proposal, seconds, valid })));
  const colour = ({ proposal }: { proposal: Proposal }): string => COLOURS[proposal];
  return svgOf({
    ...PANEL,
    marginLeft: 52,
    marginBottom: 36,
    marginTop: 34,
    x: { type: "log", label: "CPU seconds", ticks: 4, tickFormat: "~s" },
    y: {
      type: set.measure === "perplexity" ? "log" : "linear",
      label: `${set.name}: ${set.measure}`,
      grid: true,
      ticks: 5,
      tickFormat: "~g",
    },
    marks: [
      Plot.line(points, { x: "seconds", y: "valid", z: "proposal", stroke: colour }),
      Plot.dot(points, { x: "seconds", y: "valid", fill: colour, r: 3 }),
    ],
  });
}
