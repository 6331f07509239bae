import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Draws a figure in a new document, since Node has none. */
export function drawnPlot(options: PlotOptions): Element {
  const { document } = parseHTML("<html><body></body></html>");
  const drawn = plot({ document: document as unknown as Document, ...options });
  return drawn.querySelector("svg") ?? drawn;
}
