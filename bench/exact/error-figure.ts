import * as Plot from "@observablehq/plot";
import { svgOf } from "../svg.ts";
import type { ExactResult } from "./result.ts";
import { titleOf } from "./table.ts";

/**
 * docs/error-against-time.svg: the total variation of the proposal against the time of a call, with the times of exact
 * answers.
 */
export function errorFigure({ heads }: ExactResult): string {
  const points = heads.flatMap((head) =>
    head.sampled.map(({ proposal, scan, median, totalVariation }) => ({
      head: titleOf(head),
      proposal,
      µs: median,
      error: totalVariation,
      label:
        proposal === "codes" ? `codes ${scan.toLocaleString("en")}` : scan === 0 ? "plain" : scan.toLocaleString("en"),
    })),
  );
  const exact = heads.flatMap((head) =>
    [
      ["scan, 1 draw", "scan of all rows"],
      ["1 exact draw", "1 exact draw"],
    ].map(([name, label], i) => ({
      head: titleOf(head),
      µs: head.calls.find((call) => call.name === name)?.mean ?? 0,
      label,
      y: i === 0 ? 0.9 : 0.62,
    })),
  );
  const colour = ({ proposal }: { proposal: string }): string => (proposal === "codes" ? "#d97706" : "#2563eb");
  const shared = { fx: "head", x: "µs" };
  return svgOf({
    width: 960,
    height: 340,
    marginLeft: 48,
    marginRight: 24,
    fx: { label: null, domain: heads.map(titleOf) },
    x: { type: "log", label: "µs a query", domain: [10, 10_000], ticks: [10, 100, 1000, 10_000], tickFormat: "," },
    y: { type: "log", label: "total variation to the exact softmax", domain: [0.004, 1], grid: true, tickFormat: "~g" },
    marks: [
      Plot.ruleX(exact, { ...shared, stroke: "#999", strokeDasharray: "4 3" }),
      Plot.text(exact, { ...shared, y: "y", text: "label", textAnchor: "start", dx: 4, fill: "#666" }),
      Plot.line(points, { ...shared, y: "error", z: "proposal", stroke: colour }),
      Plot.dot(points, { ...shared, y: "error", fill: colour, r: 3.5 }),
      Plot.text(points, { ...shared, y: "error", text: "label", dy: 13, dx: -2, textAnchor: "end" }),
    ],
  });
}
