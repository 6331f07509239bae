import { byId, make } from "../elements.ts";
import { digits, percent } from "../numbers.ts";

/** The probabilities of a class from the server and from the browser. */
export interface TopRow {
  readonly name: string;
  readonly served: number;
  /** The ends of the 95 % error bar. */
  readonly low: number;
  readonly high: number;
  readonly exact: number;
}

/** Shows the rows of the table, with bars on a common scale. */
export function showTopRows(rows: readonly TopRow[]): void {
  const scale = 100 / Math.max(...rows.flatMap(({ high, exact }) => [high, exact]));
  byId("top-rows", HTMLElement).replaceChildren(...rows.map((row) => rowOf(row, scale)));
}

function rowOf(row: TopRow, scale: number): HTMLElement {
  const { name, served, low, high, exact } = row;
  const [bar, band, mark] = ["bar", "band", "exact"].map((className) => make("div", { className }));
  (bar as HTMLElement).style.width = `${served * scale}%`;
  (band as HTMLElement).style.left = `${low * scale}%`;
  (band as HTMLElement).style.width = `${(high - low) * scale}%`;
  (mark as HTMLElement).style.left = `${exact * scale}%`;
  const drawn = make("div", { className: "drawn" }, ...([bar, band, mark] as HTMLElement[]));
  drawn.ariaHidden = "true";
  return make(
    "tr",
    {},
    make("th", { scope: "row", title: name }, name),
    make("td", { className: "chart" }, drawn),
    make("td", { className: "number" }, percent(served), " ", make("span", { className: "error-bar" }, errorText(row))),
    make("td", { className: "number" }, percent(exact)),
  );
}

/** Writes the error bar as ± half its length in percent, or as its two ends if it is much longer on one side. */
export function errorText({ served, low, high }: TopRow): string {
  if (high - served > 1.2 * (served - low)) return `(${percent(low, 2)}–${percent(high, 2)})`;
  const half = 50 * (high - low);
  return `± ${half < 0.001 ? percent(half / 100) : digits(half, half < 0.1 ? 1 : 2)}`;
}
