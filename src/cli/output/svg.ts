import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** A figure, drawn in a document of its own: there is none in Node. */
export function drawnPlot(options: PlotOptions): Element {
  const { document } = parseHTML("<html><body></body></html>");
  const drawn = plot({ document: document as unknown as Document, ...options });
  return drawn.querySelector("svg") ?? drawn;
}
