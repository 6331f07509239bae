import { type PlotOptions, plot } from "@observablehq/plot";
import { colour } from "../colours.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws a plot that fills its element and follows its size. Returns a function that redraws it in the next frame. */
export function fittedPlot(container: HTMLElement, options: (size: Size) => PlotOptions): () => void {
  const draw = (): void => {
    const size = { width: Math.max(1, container.clientWidth), height: Math.max(1, container.clientHeight) };
    const drawn = plot({ ...size, ...options(size) });
    // The page forbids inline styles, and its own style replaces them.
    drawn.querySelector("style")?.remove();
    container.replaceChildren(drawn);
  };
  let isScheduled = false;
  new ResizeObserver(draw).observe(container);
  return () => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      draw();
    });
  };
}

/** Axes show numbers without lines or titles. */
export const QUIET_AXIS = { color: colour("quiet"), fontSize: 12, tickSize: 0, label: null } as const;

export const QUIET_GRID = { stroke: colour("line"), strokeOpacity: 1 } as const;
