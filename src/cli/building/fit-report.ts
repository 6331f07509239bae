import type { FitReport, ProposalDistance } from "../../train/index.ts";
import { fixed } from "../output/fixed.ts";
import { tableLines } from "../output/table.ts";

/** Describes the steps of a fit, whether each was kept, and the divergence before and after. */
export function fitLines({ scan, fittedQueries, heldOutQueries, steps, before, after }: FitReport): string[] {
  const change = (of: (distance: ProposalDistance) => string, from: ProposalDistance, to: ProposalDistance): string =>
    `${of(from)} → ${of(to)}`;
  const row = (name: string, from: ProposalDistance, to: ProposalDistance, verdict: string): string[] => [
    name,
    change(({ chiSquareP90 }) => number(chiSquareP90), from, to),
    change(({ kl }) => number(kl), from, to),
    change(({ logTotalError }) => percent(logTotalError), from, to),
    verdict,
  ];
  return [
    `fitted to ${fittedQueries} queries for scan ${scan}, validated on ${heldOutQueries} other queries:`,
    ...tableLines(
      ["step", "χ² p90", "KL(P‖Q)", "log Z, no draws", ""],
      [
        ...steps.map(({ name, before: from, after: to, verdict }) => row(name, from, to, verdict)),
        row(`all, scan ${scan}`, before.withScan, after.withScan, ""),
        ...(scan > 0 ? [row("all, plain", before.plain, after.plain, "")] : []),
      ],
    ),
  ];
}

const number = (value: number): string => (value < 1000 ? fixed(value, 4) : value.toExponential(2));
const percent = (value: number): string => `${number(100 * value)} %`;
