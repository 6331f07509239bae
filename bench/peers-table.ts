import { table } from "./page.ts";
import { fastest, fastestOf, isOurs, OURS, type PeerMeasured, type PeerSet, type PeersResult } from "./peers-result.ts";

/** k and recall of the columns. */
const LEVELS = [
  [10, 0.9],
  [10, 0.95],
  [10, 0.99],
  [100, 0.9],
  [100, 0.95],
  [100, 0.99],
] as const;

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const time = (micros: number | undefined): string => (micros === undefined ? "–" : whole(micros));
const level = (k: number, recall: number): string => `@${k} ≥ ${recall.toFixed(2).replace("0.", ".")}`;

/** "GloVe, 99,000 × 100, inner product" */
export function titleOf({ name, count, dim, metric, hasBias }: PeerSet): string {
  const score = metric === "cosine" ? "cosine" : `inner product${hasBias ? " and bias" : ""}`;
  return `${name}, ${count.toLocaleString("en")} × ${dim}, ${score}`;
}

/** Time for a recall, set by set: the fastest of the settings that reached it. */
export function recallTables({ sets }: PeersResult): string {
  return sets
    .map((set) => {
      const heading = ["µs a query for recall", "runs as", ...LEVELS.map(([k, recall]) => level(k, recall))];
      const rows = set.contenders.map((contender) => [
        contender.name,
        contender.runtime,
        ...LEVELS.map(([k, recall]) => time(fastest(contender, k, recall)?.micros)),
      ]);
      return `### ${titleOf(set)}\n\n${table(heading, 2, rows)}`;
    })
    .join("\n\n");
}

/** What midx's calls found that name no setting, and the best buckets' certified answer. */
export function callTable({ sets }: PeersResult): string {
  const rows = sets.flatMap((set) =>
    set.contenders
      .filter(isOurs)
      .flatMap((contender) =>
        contender.curves.flatMap(({ k, points }) =>
          points
            .filter(({ label }) => !label.startsWith("scan"))
            .map(({ label, recall, micros }) => [
              titleOf(set),
              contender.name,
              `topK(q, ${k}, { ${label === "exact" ? "exact: true" : label.replace(" ", ": ")} })`,
              recall.toFixed(3),
              whole(micros),
            ]),
        ),
      ),
  );
  return table(["rows", "index", "call", "recall", "µs"], 3, rows);
}

/** Builds, files, loads, memory. */
export function costTable({ sets }: PeersResult): string {
  const rows = sets.flatMap((set) =>
    set.contenders.map(({ name, buildSeconds, loadSeconds, bytes, memoryBytes }) => [
      titleOf(set),
      name,
      buildSeconds.toFixed(1),
      loadSeconds === undefined ? "–" : whole(1000 * loadSeconds),
      (bytes / 1e6).toFixed(1),
      whole(bytes / set.count),
      whole(memoryBytes / 1e6),
    ]),
  );
  return table(["rows", "index", "build, s", "load, ms", "file, MB", "bytes a row", "memory, MB"], 2, rows);
}

/** midx against the fastest of each kind. */
export function summaryTable({ sets }: PeersResult, levels: readonly (readonly [number, number])[] = LEVELS): string {
  const rows = sets.flatMap((set) =>
    levels.map(([k, recall]) => {
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
  return table(["rows", "recall", "midx, µs", "hnswlib-wasm", "fastest native", "fastest plain scan"], 2, rows);
}

/** Where another library is the faster one, as sentences. */
export function winners({ sets }: PeersResult): string {
  const lines = sets.flatMap((set) =>
    LEVELS.flatMap(([k, recall]) => {
      const best = fastestOf(set.contenders.filter(isOurs), k, recall);
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
  return lines.length > 0 ? `Faster than midx:\n\n${lines.join("\n")}` : "Nothing measured was faster than midx.";
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

/** By kind. */
export function kinds({ contenders }: PeerSet): Record<"ours" | "wasm" | "native" | "scan", PeerMeasured[]> {
  return {
    ours: contenders.filter(isOurs),
    wasm: contenders.filter(({ name }) => name === "hnswlib-wasm"),
    native: contenders.filter(({ runtime }) => runtime === "native"),
    scan: contenders.filter(({ name }) => name.startsWith("plain scan")),
  };
}

/** The README's block: inner products of word vectors. */
export function readmeTable(result: PeersResult): string {
  const sets = result.sets.filter(({ name, metric }) => name === "GloVe" && metric === "dot");
  const levels = [
    [10, 0.95],
    [10, 0.99],
  ] as const;
  return `${provenance(result)} Times in µs, of one query on one core; in brackets, of ${OURS}'s.\n\n${summaryTable({ ...result, sets }, levels)}`;
}
