import { grouped, table } from "../page.ts";
import { titleOf } from "./judge.ts";
import type { BuildSummary, HeadSummary, TrustRun } from "./summary.ts";

// Generated tables of docs/trust.md and docs/trust-results.md. Where there is an earlier run, its numbers stand in brackets.

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const fixed = (digits: number) => (value: number) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const count = (value: number): string => value.toLocaleString("en");

const sameHead = (run: TrustRun | undefined, { name }: HeadSummary): HeadSummary | undefined =>
  run?.heads.find((head) => head.name === name);
const sameBuild = (head: HeadSummary | undefined, build: BuildSummary): BuildSummary | undefined =>
  head?.builds.find(({ isInformed, hasFineCodes }) => {
    return isInformed === build.isInformed && hasFineCodes === build.hasFineCodes;
  });

/** "now (before)". */
function pair<T>(now: T, before: T | undefined, text: (of: T) => string): string {
  return before === undefined ? text(now) : `${text(now)} (${text(before)})`;
}

const numberPair = (now: number | undefined, before: number | undefined, text: (value: number) => string): string =>
  now === undefined ? "" : pair(now, before, text);

/** Returns the promises, whether they hold, and the worst cases. */
export function verdictTable(now: TrustRun, before?: TrustRun): string {
  const broken = (of: { broken: number; cases: number }): string => `${count(of.broken)} of ${count(of.cases)}`;
  const rows = now.verdicts.map((verdict) => {
    const old = before?.verdicts.find(({ promise }) => promise === verdict.promise);
    return [
      verdict.promise,
      verdict.holds ? "kept" : "**broken**",
      ...[broken(verdict), verdict.worst],
      ...(before ? [old ? broken(old) : ""] : []),
    ];
  });
  return table(["promise", "", "broken", "worst case", ...(before ? ["broken before"] : [])], 4, rows);
}

/** Returns the error bars of each head, over all temperatures, heads, draws and targets. */
export function headTable(now: TrustRun, before?: TrustRun): string {
  const heading = [
    "output layer",
    "built",
    "coverage",
    "lowest cell",
    "worst miss, bars",
    "largest error",
    "bar / error",
  ];
  const rows = now.heads.flatMap((head) =>
    head.builds.map((build) => {
      const old = sameBuild(sameHead(before, head), build);
      return [
        `${head.name}, ${count(head.itemCount)}`,
        titleOf(build),
        numberPair(build.coverage, old?.coverage, fixed(3)),
        pair(build.lowest, old?.lowest, (of) => `${of.coverage.toFixed(2)} ± ${of.coverageError.toFixed(2)}`),
        numberPair(build.worstMiss, old?.worstMiss, fixed(1)),
        numberPair(build.worstError, old?.worstError, fixed(2)),
        numberPair(build.width, old?.width, fixed(2)),
      ];
    }),
  );
  return table(heading, 2, grouped(rows));
}

/** Returns the share of the default call's answers that are flagged, by temperature; built plainly. */
export function flaggedTable(now: TrustRun, before?: TrustRun): string {
  const temperatures = now.heads[0]?.builds[0]?.byTemperature.map(({ temperature }) => temperature) ?? [];
  const rows = now.heads.map((head) => {
    const plain = head.builds.find(({ isInformed, hasFineCodes }) => !isInformed && !hasFineCodes);
    const old = plain && sameBuild(sameHead(before, head), plain);
    return [
      head.name,
      percent(head.likeliestShare),
      ...temperatures.map((at) => {
        const [call, was] = [plain, old].map((of) => of?.byTemperature.find(({ temperature }) => temperature === at));
        return numberPair(call?.flagged, was?.flagged, percent);
      }),
    ];
  });
  return table(["output layer", "likeliest 1,024", ...temperatures.map((at) => `T ${at}`)], 1, rows);
}

/** Returns the targetError asked for against the reported and the true error, at temperature 1; built plainly. */
export function targetTable(now: TrustRun, before?: TrustRun): string {
  const rows = now.heads.flatMap((head) => {
    const plain = head.builds.find(({ isInformed, hasFineCodes }) => !isInformed && !hasFineCodes);
    const old = plain && sameBuild(sameHead(before, head), plain);
    return (plain?.targets ?? [])
      .filter(({ temperature }) => temperature === 1)
      .map((call) => {
        const was = old?.targets.find((of) => of.temperature === 1 && of.targetError === call.targetError);
        return [
          head.name,
          String(call.targetError),
          numberPair(call.overTarget / call.answers, was && was.overTarget / was.answers, percent),
          numberPair(call.rootMeanSquareOfAll, was?.rootMeanSquareOfAll, fixed(4)),
          numberPair(call.rows, was?.rows, fixed(2)),
        ];
      });
  });
  return table(["output layer", "target", "bar above it", "real error (RMS)", "rows / default call"], 1, grouped(rows));
}

/** Recall asked against recall given. */
export function recallTable(now: TrustRun, before?: TrustRun): string {
  const rows = now.heads.flatMap((head) =>
    head.builds
      .filter(({ hasFineCodes }) => hasFineCodes)
      .flatMap((build) => {
        const old = sameBuild(sameHead(before, head), build);
        return [10, 100].map((k) => [
          head.name,
          `${build.isInformed ? "queries" : "plain"}, k ${k}`,
          ...build.recall
            .filter((row) => row.k === k && row.asked !== "exact")
            .map((row) => {
              const was = old?.recall.find((of) => of.k === k && of.asked === row.asked);
              return numberPair(row.given, was?.given, fixed(3));
            }),
        ]);
      }),
  );
  return table(["output layer", "built", "asked .90", ".95", ".99"], 2, grouped(rows));
}
