import { grouped, table } from "./page.ts";
import {
  fastest,
  fastestOf,
  isOurs,
  OURS,
  type PeerMeasured,
  type PeerSet,
  type PeersResult,
  pointsOf,
} from "./peers-result.ts";

/** k and the recall of the k best rows. */
const LEVELS = [
  [10, 0.9],
  [10, 0.95],
  [10, 0.99],
  [100, 0.9],
  [100, 0.95],
  [100, 0.99],
] as const;

/** The tables leave out the easiest recall. */
export const SHOWN = LEVELS.filter(([, recall]) => recall >= 0.95);

/** Contenders that the tables leave out, and one that is faster at each recall shown. */
export const BEATEN: Readonly<Record<string, string>> = {
  "midx, base SIMD": "midx",
  "plain scan int8": "plain scan int8, relaxed",
  "plain scan f32": "plain scan int8, relaxed",
  "JS loop": "plain scan int8, relaxed",
  "usearch f32": "usearch f16",
  "faiss Flat": "plain scan int8, relaxed",
  "faiss IMI2x7,Flat": "faiss IVF1024,Flat",
  "faiss IMI2x8,Flat": "faiss IVF1024,Flat",
};

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const time = (micros: number | undefined): string => (micros === undefined ? "–" : whole(micros));
const level = (k: number, recall: number): string => `@${k} ≥ ${recall.toFixed(2).replace("0.", ".")}`;

/** "GloVe, 99,000 × 100, inner product" */
export function titleOf({ name, count, dim, metric, hasBias }: PeerSet): string {
  const score = metric === "cosine" ? "cosine" : `inner product${hasBias ? " and bias" : ""}`;
  return `${name}, ${count.toLocaleString("en")} × ${dim}, ${score}`;
}

/** The indexes, one table per set: the time of the fastest setting that reaches a recall, and the costs. */
export function indexTables({ sets }: PeersResult, isShown = (name: string) => !(name in BEATEN)): string {
  const levels = ["µs, if recall", ...SHOWN.map(([k, recall]) => level(k, recall))];
  return sets
    .map((set, i) => {
      // Sets of the same rows cost the same.
      const hasCosts = sets.findIndex(({ name, count }) => name === set.name && count === set.count) === i;
      const shown = set.contenders.filter(({ name }) => isShown(name));
      const rows = shown.map((contender) => [
        contender.name,
        ...SHOWN.map(([k, recall]) => time(fastest(contender, k, recall)?.micros)),
        ...(hasCosts ? costsOf(contender) : []),
      ]);
      const heading = hasCosts ? [...levels, "build, s", "load, ms", "file, MB", "memory, MB"] : levels;
      return `### ${titleOf(set)}\n\n${table(heading, 1, rows)}`;
    })
    .join("\n\n");
}

const costsOf = ({ buildSeconds, loadSeconds, bytes, memoryBytes }: PeerMeasured): string[] => [
  buildSeconds.toFixed(1),
  loadSeconds === undefined ? "–" : whole(1000 * loadSeconds),
  (bytes / 1e6).toFixed(1),
  whole(memoryBytes / 1e6),
];

/** Options that calls name instead of settings, and the label of their measurements. */
const CALLS = [
  ["recall 0.95", "recall: 0.95"],
  ["recall 0.99", "recall: 0.99"],
  ["exact", "exact: true"],
] as const;

/** Ours but the index without relaxed SIMD, which finds the same. */
const isRowType = (contender: PeerMeasured): boolean => isOurs(contender) && !contender.name.endsWith("base SIMD");

/** Recall and time of the calls that leave the settings to this library. */
export function callTable({ sets }: PeersResult): string {
  const columns = [10, 100].flatMap((k) => CALLS.map(([label, option]) => ({ k, label, option })));
  const rows = sets.flatMap((set) =>
    set.contenders.filter(isRowType).map((contender) => [
      titleOf(set),
      contender.name,
      ...columns.map(({ k, label }) => {
        const point = pointsOf(contender, k).find((one) => one.label === label);
        return point ? `${point.recall.toFixed(3)}, ${whole(point.micros)}` : "–";
      }),
    ]),
  );
  return table(["recall, µs", "index", ...columns.map(({ k, option }) => `k = ${k}, ${option}`)], 2, grouped(rows));
}

/** This library against the fastest of each kind. */
export const summaryTable = (result: PeersResult): string => table(SUMMARY_HEADING, 2, grouped(summaryRows(result)));

const SUMMARY_HEADING = ["rows", "recall", "midx, µs", "hnswlib-wasm", "fastest native", "fastest plain scan"];

function summaryRows({ sets }: PeersResult): string[][] {
  return sets.flatMap((set) =>
    SHOWN.map(([k, recall]) => {
      const { ours, wasm, native, scan } = kinds(set);
      const best = fastestOf(ours, k, recall);
      const against = (others: readonly PeerMeasured[], hasName: boolean): string => {
        const other = fastestOf(others, k, recall);
        if (!other) return "–";
        const ratio = best ? ` (${(other.micros / best.micros).toFixed(1)} ×)` : "";
        return `${hasName ? `${other.contender.name} ` : ""}${time(other.micros)}${ratio}`;
      };
      const cells = [against(wasm, false), against(native, true), against(scan, false)];
      return [titleOf(set), level(k, recall), time(best?.micros), ...cells];
    }),
  );
}

/** The settings where another library is faster than the fastest of ours, and than ours with int8 rows. */
export function winners({ sets }: PeersResult): string {
  const best = fasterLines(sets, isOurs);
  const int8 = fasterLines(sets, ({ name }) => name === OURS).filter((line) => !best.includes(line));
  const list = (lines: readonly string[], title: string): string[] =>
    lines.length > 0 ? [`${title}\n\n${lines.join("\n")}`] : [];
  const lists = [
    ...list(best, "Faster than every midx index:"),
    ...list(int8, "Faster than midx with int8 rows, the default:"),
  ];
  return lists.length > 0 ? lists.join("\n\n") : "Nothing measured was faster than midx.";
}

function fasterLines(sets: PeersResult["sets"], isCompared: (contender: PeerMeasured) => boolean): string[] {
  return sets.flatMap((set) =>
    LEVELS.flatMap(([k, recall]) => {
      const best = fastestOf(set.contenders.filter(isCompared), k, recall);
      const faster = set.contenders.flatMap((contender) => {
        const micros = isOurs(contender) ? undefined : fastest(contender, k, recall)?.micros;
        return micros !== undefined && micros < (best?.micros ?? Number.POSITIVE_INFINITY)
          ? [`${contender.name} (${time(micros)} µs)`]
          : [];
      });
      if (faster.length === 0) return [];
      return [`- ${titleOf(set)}, ${level(k, recall)}: ${faster.join(", ")}; midx ${time(best?.micros)} µs.`];
    }),
  );
}

export function provenance({ machine, node, queries, sets }: PeersResult): string {
  const versions = new Map<string, string>();
  for (const { name, version } of sets.flatMap((set) => set.contenders)) {
    const isPackage = /^\d/.test(version);
    if (isPackage) versions.set(name.split(" ")[0] as string, version);
  }
  const listed = Array.from(versions, ([name, version]) => `${name} ${version}`).join(", ");
  return `Measured on ${machine}, Node ${node}, ${queries} queries; ${listed}.`;
}

/** The contenders by kind. */
export function kinds({ contenders }: PeerSet): Record<"ours" | "wasm" | "native" | "scan", PeerMeasured[]> {
  return {
    ours: contenders.filter(isOurs),
    wasm: contenders.filter(({ name }) => name === "hnswlib-wasm"),
    native: contenders.filter(({ runtime }) => runtime === "native"),
    scan: contenders.filter(({ name }) => name.startsWith("plain scan")),
  };
}
