import type { FitStep } from "../src/train/index.ts";
import type { FitResult, FittedBuild, FittedHead } from "./fit-result.ts";
import { table } from "./page.ts";

/** What docs/fitting.md says of bench/results/fit.json. */
export function fitTables({ machine, node, heads }: FitResult): string {
  return [`Measured on ${machine}, Node ${node}.`, ...heads.flatMap(headTables)].join("\n\n");
}

function headTables(head: FittedHead): string[] {
  const { name, itemCount, dim, bits, queryCount, builds } = head;
  const size = `${itemCount.toLocaleString("en")} × ${dim}, K = ${2 ** bits}`;
  return [
    `### ${name}`,
    `${size}, int8 rows. On ${queryCount} queries that no build has seen:`,
    builtTable(builds),
    ...builds.flatMap(({ name: title, fit, stepTimes }) =>
      fit
        ? [
            `What was tried, "${title}": ${fit.fittedQueries} queries learned from, ${fit.heldOutQueries} to judge by.`,
            stepTable(fit.steps, stepTimes ?? []),
          ]
        : [],
    ),
    ...(itemCount === 100_000 ? [goals(builds)] : []),
  ];
}

const builtTable = (builds: readonly FittedBuild[]): string =>
  table(
    [
      "codebooks",
      "scan",
      "KL(P‖Q)",
      "χ² median",
      "χ² p90",
      "ESS a draw, 1,000 draws",
      "limit",
      "log Z, no draws",
      "build, s",
    ],
    1,
    builds.flatMap(({ name, seconds, measured }) =>
      measured.map((of) => [
        name,
        of.scan.toLocaleString("en"),
        of.kl.toFixed(3),
        of.chiSquareMedian.toFixed(3),
        of.chiSquareP90.toFixed(2),
        of.simulatedShare.toFixed(3),
        of.shareLimit.toFixed(3),
        percent(of.logTotalError),
        seconds.toFixed(1),
      ]),
    ),
  );

const stepTable = (steps: readonly FitStep[], times: NonNullable<FittedBuild["stepTimes"]>): string =>
  table(
    ["step", "", "χ² p90", "KL(P‖Q)", "log Z, no draws", "s"],
    2,
    steps.map(({ name, before, after, verdict }, i) => [
      name,
      verdict,
      `${before.chiSquareP90.toFixed(3)} → ${after.chiSquareP90.toFixed(3)}`,
      `${before.kl.toFixed(4)} → ${after.kl.toFixed(4)}`,
      `${percent(before.logTotalError)} → ${percent(after.logTotalError)}`,
      times[i]?.seconds.toFixed(1) ?? "–",
    ]),
  );

/** Figures that were aimed at, on 100,000 C tokens. */
function goals(builds: readonly FittedBuild[]): string {
  const [plain, withHead] = [of("fitted, plain", 0), of("fitted, head of 1,024", 1024)];
  function of(name: string, scan: number) {
    return builds.find((build) => build.name === name)?.measured.find((measured) => measured.scan === scan);
  }
  if (plain === undefined || withHead === undefined) return "";
  const line = (what: string, aimed: string, value: string, isReached: boolean): string[] => [
    what,
    aimed,
    value,
    isReached ? "reached" : "not reached",
  ];
  return table(["aimed at, with the codebooks fitted for it", "", "measured", ""], 1, [
    line("plain, KL(P‖Q)", "≤ .20", plain.kl.toFixed(3), plain.kl <= 0.2),
    line("plain, ESS a draw at 1,000 draws", "≥ .75", plain.simulatedShare.toFixed(3), plain.simulatedShare >= 0.75),
    line(
      "head of 1,024, KL(P‖Q)",
      "≤ .030",
      `${withHead.kl.toFixed(4)} ± ${withHead.klError.toFixed(4)}`,
      withHead.kl <= 0.03,
    ),
    line(
      "head of 1,024, log Z without a draw",
      "≤ 1 %",
      percent(withHead.logTotalError),
      withHead.logTotalError <= 0.01,
    ),
  ]);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
