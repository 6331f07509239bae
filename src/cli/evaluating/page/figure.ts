import type { PlotOptions } from "@observablehq/plot";
import { drawnPlot } from "../../output/svg.ts";

/** Units across a figure: a phone shows them smaller than a desk does, and text of 12 units stays readable. */
export const WIDTH = 400;
/** Colours are those of style.ts, so that a figure follows light and dark. */
export const COLOURS = {
  ink: "var(--ink)",
  quiet: "var(--quiet)",
  line: "var(--line)",
  track: "var(--raised)",
  ground: "var(--ground)",
  midx: "var(--midx)",
  other: "var(--other)",
  exact: "var(--exact)",
} as const;

/** A figure that says in words what it shows. The page's style stands for its own. */
export function figure(label: string, options: PlotOptions): string {
  const svg = drawnPlot({ width: WIDTH, ariaLabel: label, ...options });
  svg.querySelector("style")?.remove();
  svg.setAttribute("role", "img");
  return svg.outerHTML;
}
