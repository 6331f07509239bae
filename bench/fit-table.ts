import type { FitStep } from "../src/train/index.ts";
import type { FitResult, FittedBuild, FittedHead } from "./fit-result.ts";
import { table } from "./page.ts";

/** The generated part of docs/fitting.md. */
export function fitTables({ machine, node, heads }: FitResult): string {
  return [`Measured on ${machine}, Node ${node}.`, ...heads.flatMap(headTables)].join("\n\n");
}

function headTables({ name, itemCount, dim, bits, queryCount, builds }: FittedHead): string[] {
  const fitted = builds.filter(({ fit }) => fit !== undefined);
  const { fittedQueries, heldOutQueries } = fitted[0]?.fit ?? {};
  return [
    `### ${name}`,
    `${itemCount.toLocaleString("en")} × ${dim}, K = ${2 ** bits}, int8 rows. On ${queryCount} queries that no build has seen:`,
    builtTable(builds),
    `χ² p90 of ${heldOutQueries} held-out queries after each step tried, with ${fittedQueries} queries to learn from. In brackets: not kept.`,
    stepTable(fitted),
    ...(itemCount === 100_000 ? [goals(builds)] : []),
  ];
}

const builtTable = (builds: readonly FittedBuild[]): string =>
  table(
    [
      "codebooks",
      "scan",
      "KL(P‖Q)",
      "χ² p90",
      "ESS per draw, 1,000 draws",
      "ESS, limit",
      "log Z, no draws, %",
      "build, s",
    ],
    1,
    builds.flatMap(({ name, seconds, measured }) =>
      measured.map((of) => [
        name,
        of.scan.toLocaleString("en"),
        of.kl.toFixed(3),
        fixed(of.chiSquareP90, 2),
        of.simulatedShare.toFixed(3),
        of.shareLimit.toFixed(3),
        fixed(100 * of.logTotalError, 2),
        seconds.toFixed(1),
      ]),
    ),
  );

/** Steps by row, builds by column. The builds try the same steps, and the last of them as often as it helps. */
function stepTable(builds: readonly FittedBuild[]): string {
  const most = Math.max(...builds.map(({ fit }) => fit?.steps.length ?? 0));
  const rows = Array.from({ length: most }, (_, i) => [
    builds.map(({ fit }) => fit?.steps[i]?.name).find(Boolean) ?? "",
    ...builds.flatMap(({ fit, stepTimes }) => stepCells(fit?.steps[i], stepTimes?.[i]?.seconds)),
  ]);
  const start = builds.flatMap(({ fit }) => [fit?.steps[0]?.before.chiSquareP90.toFixed(3) ?? "", ""]);
  const heading = builds.flatMap(({ name }) => [name, "s"]);
  return table(["step", ...heading], 1, [["(before)", ...start], ...rows]);
}

function stepCells(step: FitStep | undefined, seconds: number | undefined): string[] {
  if (step === undefined) return ["", ""];
  const value = step.after.chiSquareP90.toFixed(3);
  return [step.verdict === "kept" ? value : `(${value})`, seconds?.toFixed(1) ?? "–"];
}

/** Targets for 100,000 C tokens. */
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
  return table(["target, with codebooks fitted for it", "", "measured", ""], 1, [
    line("plain, KL(P‖Q)", "≤ .20", plain.kl.toFixed(3), plain.kl <= 0.2),
    line("plain, ESS per draw at 1,000 draws", "≥ .75", plain.simulatedShare.toFixed(3), plain.simulatedShare >= 0.75),
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

const fixed = (value: number, digits: number): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
