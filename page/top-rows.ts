import { byId, make } from "./elements.ts";
import { digits, percent } from "./numbers.ts";

/** A class as the server and the browser see it. Probabilities. */
export interface TopRow {
  readonly name: string;
  readonly served: number;
  /** 95 % of the answers with such a standard error have the exact probability between them. */
  readonly low: number;
  readonly high: number;
  readonly exact: number;
}

/** The rows of the table, each with its numbers drawn on a scale that all share. */
export function showTopRows(rows: readonly TopRow[]): void {
  const scale = 100 / Math.max(...rows.flatMap(({ high, exact }) => [high, exact]));
  byId("top-rows", HTMLElement).replaceChildren(...rows.map((row) => rowOf(row, scale)));
}

function rowOf({ name, served, low, high, exact }: TopRow, scale: number): HTMLElement {
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
    make(
      "td",
      { className: "number" },
      percent(served),
      make("span", { className: "error-bar" }, ` ± ${errorOf(low, high)}`),
    ),
    make("td", { className: "number" }, percent(exact)),
  );
}

/** Half of the bar, in percent, to two digits at most. */
function errorOf(low: number, high: number): string {
  const half = 50 * (high - low);
  return half < 0.001 ? percent(half / 100) : digits(half, half < 0.1 ? 1 : 2);
}
