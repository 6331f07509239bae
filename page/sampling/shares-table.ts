import { make } from "../elements.ts";
import { percent } from "../numbers.ts";

export interface Column {
  readonly heading: string;
  readonly shares: Float64Array;
}

/** Shows the numbers of the histograms as a table for screen readers. The `value` of each cell has all digits. */
export function showShares(
  table: HTMLTableElement,
  caption: string,
  labels: readonly string[],
  columns: readonly Column[],
): void {
  const headings = ["class", ...columns.map(({ heading }) => heading)];
  (table.caption as HTMLElement).textContent = caption;
  table.tHead?.replaceChildren(make("tr", {}, ...headings.map((heading) => make("th", { scope: "col" }, heading))));
  table.tBodies[0]?.replaceChildren(
    ...labels.map((label, bar) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, label),
        ...columns.map(({ shares }) => make("td", {}, dataOf(shares[bar] as number))),
      ),
    ),
  );
}

function dataOf(share: number): HTMLElement {
  const data = document.createElement("data");
  data.value = String(share);
  data.textContent = `${percent(share)} %`;
  return data;
}
