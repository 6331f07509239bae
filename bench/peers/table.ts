import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import {
  ALL_FOUND,
  type AskedSet,
  askedOf,
  type Best,
  fastest,
  isGeneric,
  isOurs,
  OURS,
  type PeerMeasured,
  type PeerSet,
  type PeersResult,
  pointsOf,
  ranked,
} from "./result.ts";

const KS = [10, 100] as const;
/** Recalls of the k best rows. */
const LEVELS = [0.9, 0.95, 0.985, 0.99, ALL_FOUND] as const;
/** The recalls of the ten best that the tables of indexes show. */
const SHOWN = [0.95, 0.99, ALL_FOUND] as const;

/** Contenders that the tables of indexes leave out if the other one is as fast at each recall shown. */
const STAND_INS: Readonly<Record<string, string>> = {
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
/** Returns a level as text, such as "≥ .90" or "≥ .985". */
const level = (recall: number): string =>
  recall >= ALL_FOUND ? "1.000" : `≥ ${recall.toFixed(3).slice(1).replace(/0$/, "")}`;

/** Returns a title such as "GloVe, 99,000 × 100, inner product". */
export function titleOf({ name, count, dim, metric, hasBias }: PeerSet): string {
  const score = metric === "cosine" ? "cosine" : `inner product${hasBias ? " and bias" : ""}`;
  return `${name}, ${count.toLocaleString("en")} × ${dim}, ${score}`;
}

/** Returns the indexes, one table per set, with the time of the fastest setting that reaches a recall, and the costs. */
export function indexTables({ sets }: PeersResult, areAllShown = false): string {
  return sets
    .map((set, i) => {
      // Sets of the same rows cost the same.
      const hasCosts = sets.findIndex(({ name, count }) => name === set.name && count === set.count) === i;
      const kinds = askedOf([set]);
      const rows = set.contenders.flatMap((contender, at) => {
        if (!areAllShown && standInOf(set, contender.name) !== undefined) return [];
        const times = kinds.flatMap(({ contenders }) =>
          SHOWN.map((recall) => time(fastest(contenders[at] as PeerMeasured, 10, recall)?.micros)),
        );
        return [[contender.name, ...times, ...(hasCosts ? costsOf(contender) : [])]];
      });
      const levels = kinds.flatMap(({ kind }) => SHOWN.map((recall) => `${kind}, ${level(recall)}`));
      const costs = hasCosts ? ["build, s", "load, ms", "file, MB", "memory, MB"] : [];
      return `### ${titleOf(set)}\n\n${table(["µs, k = 10", ...levels, ...costs], 1, rows)}`;
    })
    .join("\n\n");
}

/** Returns the contender that is as fast as this one at each recall shown, if STAND_INS names one. */
function standInOf(set: PeerSet, name: string): string | undefined {
  const other = STAND_INS[name];
  const isAsFast = askedOf([set]).every(({ contenders }) => {
    const named = (wanted: string) => contenders.find((one) => one.name === wanted);
    const [slower, faster] = [named(name), named(other ?? "")];
    if (!slower || !faster) return false;
    const timeOf = (one: PeerMeasured, recall: number): number => fastest(one, 10, recall)?.micros ?? Number.MAX_VALUE;
    return SHOWN.every((recall) => timeOf(faster, recall) <= timeOf(slower, recall));
  });
  return isAsFast ? other : undefined;
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

/** Returns true for our indexes except the one without relaxed SIMD, which finds the same. */
const isRowType = (contender: PeerMeasured): boolean => isOurs(contender) && !contender.name.endsWith("base SIMD");

/** Returns recall and time of the calls that leave the settings to this library. */
export function callTable({ sets }: PeersResult): string {
  const rows = askedOf(sets).flatMap(({ set, kind, contenders }) =>
    contenders.filter(isRowType).map((contender) => [
      `${titleOf(set)}, ${kind}`,
      contender.name,
      ...CALLS.map(([label]) => {
        const point = pointsOf(contender, 10).find((one) => one.label === label);
        return point ? `${point.recall.toFixed(3)}, ${whole(point.micros)}` : "–";
      }),
    ]),
  );
  return table(["recall, µs", "index", ...CALLS.map(([, option]) => option)], 2, grouped(rows));
}

/** One cell of the comparison: a recall of a kind of queries. */
interface Cell {
  readonly asked: AskedSet;
  readonly k: number;
  readonly recall: number;
  /** The fastest of ours. */
  readonly ours: Best | undefined;
  /** The others, fastest first. Generic builds are only among them if they are faster than ours. */
  readonly others: readonly Best[];
  /** Those of them that are faster than ours. */
  readonly faster: readonly Best[];
}

function cellsOf(sets: PeersResult["sets"], isCompared: (contender: PeerMeasured) => boolean = isOurs): Cell[] {
  return askedOf(sets).flatMap((asked) =>
    KS.flatMap((k) =>
      LEVELS.map((recall) => {
        const all = ranked(asked.contenders, k, recall);
        const ours = all.find(({ contender }) => isCompared(contender));
        const isFaster = ({ micros }: Best): boolean => micros < (ours?.micros ?? Number.POSITIVE_INFINITY);
        const others = all.filter((one) => !isOurs(one.contender) && (!isGeneric(one.contender) || isFaster(one)));
        return { asked, k, recall, ours, others, faster: others.filter(isFaster) };
      }),
    ),
  );
}

/** Returns the fastest contender of every cell, and the fastest of the other side. */
export function winsTable({ sets }: PeersResult): string {
  const heading = ["rows", "queries", "k", ...LEVELS.map(level)];
  const byRow = Map.groupBy(cellsOf(sets), ({ asked, k }) => `${titleOf(asked.set)} ${asked.kind} ${k}`);
  const rows = Array.from(byRow.values(), (cells) => {
    const { asked, k } = cells[0] as Cell;
    return [titleOf(asked.set), asked.kind, String(k), ...cells.map(sidesOf)];
  });
  return table(heading, 2, grouped(rows));
}

function sidesOf({ ours, others, faster }: Cell): string {
  const best = others[0];
  const mine = ours ? [`midx ${time(ours.micros)}`] : [];
  const theirs = best ? [`${best.contender.name} ${time(best.micros)}`] : [];
  if (faster.length > 0) return [`**${theirs.join()}**`, ...mine].join("; ");
  return [...mine, ...theirs].join("; ") || "–";
}

/** Returns the number of cells that midx wins, and the cells where another contender is faster. */
export function winners({ sets }: PeersResult): string {
  const cells = cellsOf(sets).filter(isReached);
  const won = (all: readonly Cell[]): string => `${all.filter(({ faster }) => faster.length === 0).length}`;
  const int8 = won(cellsOf(sets, ({ name }) => name === OURS).filter(isReached));
  const sum = `In ${won(cells)} of ${cells.length} cells, nothing measured is faster than midx; with the default int8 rows alone, in ${int8}.`;
  const lines = fasterLines(cells);
  return lines.length > 0 ? `${sum} These are faster:\n\n${lines.join("\n")}` : sum;
}

const isReached = ({ ours, others }: Cell): boolean => ours !== undefined || others.length > 0;

function fasterLines(cells: readonly Cell[]): string[] {
  const lost = cells.filter(({ faster }) => faster.length > 0);
  const byRow = Map.groupBy(lost, ({ asked, k }) => `${titleOf(asked.set)}, ${asked.kind}, k = ${k}`);
  return Array.from(byRow, ([row, own]) => {
    const each = own.map(({ recall, ours, faster }) => {
      const names = faster.map(({ contender, micros }) => `${contender.name} ${time(micros)}`);
      return `${level(recall)}: ${names.join(", ")} (midx ${time(ours?.micros)})`;
    });
    return `- ${row}: ${each.join("; ")}.`;
  });
}

/** Returns the contenders that were not measured or that the tables of indexes leave out, with the reasons. */
export function leftOut({ sets }: PeersResult): string {
  const lines = sets.flatMap((set) => {
    const byReason = Map.groupBy(set.leftOut, ({ why }) => `Not measured here (${why})`);
    const inStead = set.contenders.flatMap(({ name }) => {
      const other = standInOf(set, name);
      return other === undefined ? [] : [`${name} (${other})`];
    });
    const parts = Array.from(byReason, ([why, those]) => `${why}: ${those.map(({ name }) => name).join("; ")}.`);
    if (inStead.length > 0) parts.push(`Measured, but the one in brackets is as fast: ${inStead.join("; ")}.`);
    return parts.length > 0 ? [`- ${titleOf(set)}. ${parts.join(" ")}`] : [];
  });
  return lines.length > 0 ? lines.join("\n") : "Nothing was left out.";
}

export function provenance({ queries, sets, ...origin }: PeersResult): string {
  const all = sets.flatMap((set) => set.contenders);
  // Only versions of libraries begin with a digit.
  const libraries = all.filter(({ version }) => /^\d/.test(version));
  const listed = new Set(libraries.map(({ name, version }) => `${name.split(" ")[0]} ${version}`));
  return `Measured on ${placeOf(origin)}; ${queries} queries of each kind; ${[...listed].join("; ")}.`;
}
