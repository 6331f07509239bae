import { factLines, tableLines } from "../output/table.ts";
import { gateLine } from "./gates.ts";
import type { MeasuredIndex } from "./measured-index.ts";
import { megabytes } from "./numbers.ts";
import {
  bandTable,
  calibrationTable,
  costBasis,
  costText,
  errorTable,
  proposalTable,
  type ReportTable,
  recallTable,
  timeTable,
} from "./report-tables.ts";

export function evaluationLines(measured: MeasuredIndex): string[] {
  const { evaluation, index, times, cost, gates } = measured;
  return [
    ...factLines([
      ["index", `${measured.file}: ${index.factory}, ${index.itemCount} × ${index.dim}`],
      ["queries", `${evaluation.queryCount} of ${measured.availableQueries} in ${measured.queries}`],
      ["effort", effortText(measured)],
      ["size", `${megabytes(index.fileBytes)} on disk, ${megabytes(index.memoryBytes)} in memory`],
    ]),
    ...titled("of the best classes", recallTable(evaluation)),
    ...titled("proposals against the exact softmax", proposalTable(evaluation)),
    ...titled("probabilities", errorTable(evaluation)),
    ...titled("predicted and exact probability", calibrationTable(evaluation)),
    ...(evaluation.bands.length > 0
      ? titled(`classes by popularity (${evaluation.popularity})`, bandTable(evaluation))
      : []),
    ...titled("times, one thread", timeTable(times)),
    "",
    `${costText(cost)}. ${costBasis(cost)}`,
    ...(gates.length > 0 ? ["", ...gates.filter(({ passed }) => passed).map(gateLine)] : []),
  ];
}

/** As the options say it. */
export function effortText({ evaluation: { effort } }: MeasuredIndex): string {
  const head = effort.rescore === undefined ? `scan ${effort.scan}` : `rescore ${effort.rescore}`;
  const recall = effort.recall === undefined ? "" : `, recall ${effort.recall} for topK`;
  return `${head}${recall}, ${effort.draws} draws, seed ${effort.seed}`;
}

const titled = (title: string, { heading, rows }: ReportTable): string[] => [
  "",
  `${title}:`,
  ...tableLines(heading, rows),
];
