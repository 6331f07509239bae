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
    ...titled("recall of the best classes", recallTable(evaluation)),
    ...titled("proposals compared with the exact softmax", proposalTable(evaluation)),
    ...titled("errors of log Ẑ and of probabilities", errorTable(evaluation)),
    ...titled("calibration: predicted and exact probabilities", calibrationTable(evaluation)),
    ...(evaluation.bands.length > 0
      ? titled(`classes by popularity (from the ${evaluation.popularity})`, bandTable(evaluation))
      : []),
    ...titled("times of calls in one thread", timeTable(times)),
    "",
    `${costText(cost)}. ${costBasis(cost)}`,
    ...(gates.length > 0 ? ["", ...gates.filter(({ passed }) => passed).map(gateLine)] : []),
  ];
}

/** Describes the head, the draws and the seed by the names of the options. */
export function effortText({ evaluation: { effort } }: MeasuredIndex): string {
  const head = `proposal ${effort.proposal}, scan ${effort.scan}${effort.triesAgain ? " or a second try" : ""}`;
  const recall = effort.recall === undefined ? "" : `, recall ${effort.recall} for topK`;
  return `${head}${recall}, ${effort.draws} draws, seed ${effort.seed}`;
}

const titled = (title: string, { heading, rows }: ReportTable): string[] => [
  "",
  `${title}:`,
  ...tableLines(heading, rows),
];
