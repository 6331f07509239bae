import type { Origin } from "../origin.ts";
import type { Metric } from "./peer.ts";

/** The contents of bench/results/peers.json. */
export interface PeersResult extends Origin {
  /** Queries measured per set and kind. */
  readonly queries: number;
  readonly sets: readonly PeerSet[];
}

export interface PeerSet {
  readonly name: string;
  readonly metric: Metric;
  readonly count: number;
  readonly dim: number;
  readonly hasBias: boolean;
  /** The kinds of queries. */
  readonly kinds: readonly string[];
  /** The time that the set took. */
  readonly seconds?: number;
  readonly leftOut: readonly LeftOut[];
  readonly contenders: readonly PeerMeasured[];
}

export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

/** The answers to one kind of queries of a set. The contenders have the curves of this kind. */
export interface AskedSet {
  readonly set: PeerSet;
  readonly kind: string;
  readonly contenders: readonly PeerMeasured[];
}

export interface PeerMeasured {
  readonly name: string;
  readonly version: string;
  readonly runtime: "wasm" | "native" | "js";
  readonly buildSeconds: number;
  /** Absent if the index saves no file. */
  readonly loadSeconds?: number | undefined;
  readonly bytes: number;
  /** Growth of the process. */
  readonly memoryBytes: number;
  readonly curves: readonly PeerCurve[];
}

export interface PeerCurve {
  /** The kind of queries. */
  readonly kind: string;
  readonly k: number;
  readonly points: readonly PeerPoint[];
}

export interface PeerPoint {
  /** The settings, as text. */
  readonly label: string;
  readonly recall: number;
  /** Time per query: the median over batches. */
  readonly micros: number;
}

/** The prefix of the names of this library's indexes. */
export const OURS = "midx";
export const isOurs = ({ name }: { readonly name: string }): boolean => name.startsWith(OURS);

/**
 * Returns true for a generic build. Debian compiles faiss for any x86-64 machine, so nothing is claimed from being faster than
 * that.
 */
export const isGeneric = ({ name }: { readonly name: string }): boolean => name.includes("(generic)");

/** Returns the call of a point of this library that names only a recall, or `exact`. */
export const recallOf = (label: string): string | undefined => /^(?:recall [\d.]+|exact)$/.exec(label)?.[0];

/** The recall from which all of the best count as found: it rounds to 1.000. */
export const ALL_FOUND = 0.9995;

/** Returns each kind of queries of each set. */
export const askedOf = (sets: readonly PeerSet[]): AskedSet[] =>
  sets.flatMap((set) =>
    set.kinds.map((kind) => ({
      set,
      kind,
      contenders: set.contenders.map((one) => ({
        ...one,
        curves: one.curves.filter((curve) => curve.kind === kind),
      })),
    })),
  );

/** Returns the points of a contender of an `AskedSet`. */
export const pointsOf = ({ curves }: PeerMeasured, k: number): readonly PeerPoint[] =>
  curves.find((curve) => curve.k === k)?.points ?? [];

/** Returns the fastest point with at least this recall. */
export function fastest(contender: PeerMeasured, k: number, recall: number): PeerPoint | undefined {
  const reaching = pointsOf(contender, k).filter((point) => point.recall >= recall);
  return reaching.sort((a, b) => a.micros - b.micros)[0];
}

/** A contender and its fastest time. */
export interface Best {
  readonly contender: PeerMeasured;
  readonly micros: number;
}

/** Returns the contenders that reach this recall, the fastest one first. */
export function ranked(contenders: readonly PeerMeasured[], k: number, recall: number): Best[] {
  const reaching = contenders.flatMap((contender) => {
    const point = fastest(contender, k, recall);
    return point ? [{ contender, micros: point.micros }] : [];
  });
  return reaching.sort((a, b) => a.micros - b.micros);
}

/** Returns the points that no other point of the curve beats in both time and recall, by time. */
export function frontier(contender: PeerMeasured, k: number): PeerPoint[] {
  const kept: PeerPoint[] = [];
  for (const point of pointsOf(contender, k).toSorted((a, b) => a.micros - b.micros || b.recall - a.recall)) {
    if (point.recall > (kept.at(-1)?.recall ?? -1)) kept.push(point);
  }
  return kept;
}
