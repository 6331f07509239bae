import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** The text of a figure's .svg file. */
export function svgOf(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const plot = Plot.plot({
    document: document as unknown as Document,
    style: { background: "white", color: "#222" },
    ...options,
  });
  const svg = plot.querySelector("svg") ?? plot;
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}
