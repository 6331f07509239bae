import * as Plot from "@observablehq/plot";
import { type AskedSet, frontier, isOurs } from "../peers/result.ts";
import { titleOf } from "../peers/table.ts";
import { svgOf } from "../svg.ts";

/** The contenders drawn and their colours. Exact ones are a single point. */
const DRAWN: Readonly<Record<string, string>> = {
  midx: "#2563eb",
  "midx, f16 rows": "#60a5fa",
  "midx, residuals": "#1e3a8a",
  "hnswlib-wasm": "#dc2626",
  "hnswlib-node": "#f97316",
  "hnswlib C++": "#c2410c",
  "usearch f16": "#a16207",
  "faiss HNSW16,Flat": "#c026d3",
  "faiss IVF1024,Flat": "#059669",
  "faiss PQ4fs": "#0d9488",
  "faiss IVF1024,PQ4fs": "#15803d",
  "plain scan f32": "#555",
  "plain scan int8, relaxed": "#555",
  "VNNI scan": "#555",
};

const LEAST = 0.7;
/** The smallest miss drawn: smaller ones, and 0, are drawn as this. */
const LEAST_MISS = 0.001;
const TICKS = [0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999];

/** Recall@10, on a logarithmic scale of 1 − recall, against the time per query, for the settings that no other beats. */
export function recallFigure({ set, kind, contenders }: AskedSet): string {
  const curves = contenders
    .filter(({ name }) => name in DRAWN)
    .map((contender) => ({ contender, points: frontier(contender, 10).filter(({ recall }) => recall >= LEAST) }));
  const points = curves.flatMap(({ contender, points: own }) =>
    own.map(({ recall, micros }) => ({
      name: contender.name,
      µs: micros,
      height: heightOf(recall),
      isOurs: isOurs(contender),
    })),
  );
  const times = points.map(({ µs }) => µs);
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const names = Object.keys(DRAWN);
  // Curves are labelled at their lower ends, exact points above the frame.
  const ends = curves.flatMap(({ contender: { name }, points: own }) => {
    const first = own[0];
    return first ? [{ name, µs: first.micros, height: heightOf(first.recall), isPoint: own.length === 1 }] : [];
  });
  return svgOf({
    width: 960,
    height: 460,
    marginLeft: 48,
    marginTop: 110,
    marginRight: 60,
    x: {
      type: "log",
      label: `µs per query, one core (${titleOf(set)}, ${kind})`,
      domain: [least * 0.6, most * 1.3],
      tickFormat: ",",
    },
    y: {
      label: "recall@10",
      domain: [heightOf(0.5), heightOf(1)],
      grid: true,
      ticks: TICKS.map(heightOf),
      tickFormat: (height: number) => `${height > heightOf(0.9985) ? "≥ " : ""}${recallAt(height)}`,
    },
    color: { domain: names, range: Object.values(DRAWN) },
    marks: [
      Plot.line(points, { x: "µs", y: "height", stroke: "name", strokeWidth: (d) => (d.isOurs ? 2.5 : 1.5) }),
      Plot.dot(points, { x: "µs", y: "height", fill: "name", r: 3 }),
      Plot.text(
        ends.filter(({ isPoint }) => !isPoint),
        { x: "µs", y: "height", text: "name", fill: "name", rotate: -30, dx: -5, dy: 7, textAnchor: "end" },
      ),
      Plot.text(
        ends.filter(({ isPoint }) => isPoint),
        { x: "µs", y: "height", text: "name", fill: "name", rotate: -45, dx: 4, dy: -8, textAnchor: "start" },
      ),
    ],
  });
}

/** One unit up is a tenth of the misses. */
function heightOf(recall: number): number {
  return -Math.log10(Math.max(1 - recall, LEAST_MISS));
}

/** Formats a height as ".95". */
const recallAt = (height: number): string => String(Number((1 - 10 ** -height).toFixed(3))).slice(1);
