import type { FitStep } from "../../src/train/index.ts";
import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { FitResult, FittedBuild, FittedHead } from "./result.ts";

/** Returns the generated part of docs/fitting.md. */
export function fitTables({ heads, ...origin }: FitResult): string {
  const heldOut = heads.map(({ name, builds }) => {
    const { fit } = builds.find((build) => build.fit !== undefined) ?? {};
    return `${fit?.heldOutQueries} for ${name}`;
  });
  return [
    `Measured on ${placeOf(origin)}, with int8 rows.`,
    ...heads.flatMap(headTables),
    "### Steps",
    `χ² p90 of the held-out queries (${heldOut.join(", ")}) after each step tried; in brackets: not kept.`,
    stepTable(heads),
  ].join("\n\n");
}

function headTables({ name, dim, bits, queryCount, builds }: FittedHead): string[] {
  return [
    `### ${name}`,
    `D = ${dim}, K = ${2 ** bits}, ${queryCount} queries that no build has seen:`,
    builtTable(builds),
  ];
}

const builtTable = (builds: readonly FittedBuild[]): string =>
  table(
    ["codebooks, build", "scan", "KL(P‖Q)", "χ² p90", "ESS", "log Z, no draws, %", "log Z, 100 draws, %"],
    1,
    grouped(
      builds.flatMap(({ name, seconds, measured }) =>
        measured.map((of) => [
          `${name}, ${seconds.toFixed(1)} s`,
          of.scan.toLocaleString("en"),
          of.kl.toFixed(3),
          fixed(of.chiSquareP90, 2),
          of.shareLimit.toFixed(3),
          fixed(100 * of.logTotalError, 2),
          fixed(100 * of.drawnError, 2),
        ]),
      ),
    ),
  );

/** Steps by row, fitted builds by column. They try the same steps, and the last of them as often as it helps. */
function stepTable(heads: readonly FittedHead[]): string {
  const columns = heads.flatMap((head) =>
    head.builds.flatMap(({ name, fit }) =>
      fit ? [{ title: `${head.name}, ${name.replace("fitted, ", "")}`, fit }] : [],
    ),
  );
  const most = Math.max(...columns.map(({ fit }) => fit.steps.length));
  const rows = Array.from({ length: most }, (_, i) => [
    columns.map(({ fit }) => fit.steps[i]?.name).find(Boolean) ?? "",
    ...columns.map(({ fit }) => stepCell(fit.steps[i])),
  ]);
  const start = columns.map(({ fit }) => fit.steps[0]?.before.chiSquareP90.toFixed(3) ?? "");
  return table(["", ...columns.map(({ title }) => title)], 1, [["before", ...start], ...grouped(rows)]);
}

function stepCell(step: FitStep | undefined): string {
  if (step === undefined) return "";
  const value = step.after.chiSquareP90.toFixed(3);
  return step.verdict === "kept" ? value : `(${value})`;
}

const fixed = (value: number, digits: number): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
