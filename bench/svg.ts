import type { PlotOptions } from "@observablehq/plot";
import { drawnPlot } from "../src/cli/output/svg.ts";

/** Returns the text of a figure's .svg file. */
export function svgOf(options: PlotOptions): string {
  const svg = drawnPlot({ style: { background: "white", color: "#222" }, ...options });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}
