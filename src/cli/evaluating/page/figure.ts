import type { PlotOptions } from "@observablehq/plot";
import { drawnPlot } from "../../output/svg.ts";

/** The width of a figure in units. Text of 12 units stays readable on a phone, where a unit is smaller. */
export const WIDTH = 400;
/** Colours from style.ts, so that a figure follows the light or dark theme. */
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

/** Draws a figure with a label for screen readers. The page's style replaces the plot's own. */
export function figure(label: string, options: PlotOptions): string {
  const svg = drawnPlot({ width: WIDTH, ariaLabel: label, ...options });
  svg.querySelector("style")?.remove();
  svg.setAttribute("role", "img");
  return svg.outerHTML;
}
