import { placeOf } from "../origin.ts";
import { table } from "../page.ts";
import type { ScaleResult, ScaleSize } from "./result.ts";

/** Returns the exponent of N in a figure: the least-squares slope of log figure against log N. */
export function exponent(sizes: readonly ScaleSize[], figure: (size: ScaleSize) => number): number {
  const points = sizes.map((size) => [Math.log(size.itemCount), Math.log(figure(size))] as const);
  const mean = (axis: 0 | 1): number => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

const fixed = (value: number, digits: number): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** The sizes with a column: powers of ten, and the synthetic one. */
const isShown = ({ itemCount, isSynthetic }: ScaleSize): boolean =>
  isSynthetic || Number.isInteger(Math.log10(itemCount));

/** Markdown table of times and sizes against N. */
export function scaleTable({ builder, sizes, sizesCommit, ...origin }: ScaleResult): string {
  const calls = Object.keys(sizes[0]?.times ?? {});
  const figures: readonly (readonly [string, (size: ScaleSize) => number, number])[] = [
    ...calls.map((name) => [`${name}, µs`, (size: ScaleSize) => size.times[name] as number, 0] as const),
    ["build, s", (size) => size.buildSeconds, 1],
    ["load, ms", (size) => 1000 * size.loadSeconds, 0],
    ["file, bytes per class", (size) => size.fileBytes / size.itemCount, 1],
    ["memory, bytes per class", (size) => size.memoryBytes / size.itemCount, 1],
  ];
  const shown = sizes.filter(isShown);
  const again =
    sizesCommit === undefined ? "" : ` Bytes per class are those at commit ${sizesCommit.replace(/^(.{8})\w*/, "$1")}.`;
  const title = ({ itemCount, isSynthetic }: ScaleSize): string =>
    `${itemCount.toLocaleString("en")}${isSynthetic ? " (synthetic)" : ""}`;
  return [
    `Measured on ${placeOf(origin)}; ${builder}. "Plain" is scan 0. The exponent is that of N, fitted to all sizes in \`bench/results/scale.json\`: 0 is constant, 1 linear.${again}`,
    table(
      ["", ...shown.map(title), "exponent"],
      1,
      figures.map(([name, figure, digits]) => [
        name,
        ...shown.map((size) => fixed(figure(size), digits)),
        exponent(sizes, figure).toFixed(2),
      ]),
    ),
  ].join("\n\n");
}
