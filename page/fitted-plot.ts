import uPlot from "uplot";
import { colour, onSchemeChange } from "./colours.ts";

const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** A plot that fills its element and follows its size, and light and dark. */
export function fittedPlot(
  container: HTMLElement,
  options: Omit<uPlot.Options, "width" | "height">,
  data: uPlot.AlignedData,
): uPlot {
  const size = () => ({ width: Math.max(1, container.clientWidth), height: Math.max(1, container.clientHeight) });
  const plain = { legend: { show: false }, cursor: { show: false } };
  const plot = new uPlot({ ...plain, ...options, ...size() }, data, container);
  new ResizeObserver(() => plot.setSize(size())).observe(container);
  onSchemeChange(() => plot.redraw(false));
  return plot;
}

/** An axis in the page's font and colours. */
export const quietAxis = (axis: uPlot.Axis): uPlot.Axis => ({
  font: FONT,
  labelFont: FONT,
  stroke: () => colour("quiet"),
  grid: { stroke: () => colour("line"), width: 1 },
  ticks: { show: false },
  ...axis,
});
