import type { Metric } from "./peers/peer.ts";

/** The contents of bench/results/peers.json. */
export interface PeersResult {
  readonly machine: string;
  readonly node: string;
  /** Queries measured per set. */
  readonly queries: number;
  readonly sets: readonly PeerSet[];
}

export interface PeerSet {
  readonly name: string;
  readonly metric: Metric;
  readonly count: number;
  readonly dim: number;
  readonly hasBias: boolean;
  readonly contenders: readonly PeerMeasured[];
}

export interface PeerMeasured {
  readonly name: string;
  readonly version: string;
  readonly runtime: "wasm" | "native" | "js";
  readonly buildSeconds: number;
  /** Absent where the index saves no file. */
  readonly loadSeconds?: number | undefined;
  readonly bytes: number;
  /** Growth of the process. */
  readonly memoryBytes: number;
  readonly curves: readonly PeerCurve[];
}

export interface PeerCurve {
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

export const pointsOf = ({ curves }: PeerMeasured, k: number): readonly PeerPoint[] =>
  curves.find((curve) => curve.k === k)?.points ?? [];

/** The fastest point with at least this recall. */
export function fastest(contender: PeerMeasured, k: number, recall: number): PeerPoint | undefined {
  const reaching = pointsOf(contender, k).filter((point) => point.recall >= recall);
  return reaching.sort((a, b) => a.micros - b.micros)[0];
}

/** The fastest contender that reaches this recall, if any does. */
export function fastestOf(
  contenders: readonly PeerMeasured[],
  k: number,
  recall: number,
): { readonly contender: PeerMeasured; readonly micros: number } | undefined {
  const reaching = contenders.flatMap((contender) => {
    const point = fastest(contender, k, recall);
    return point ? [{ contender, micros: point.micros }] : [];
  });
  return reaching.sort((a, b) => a.micros - b.micros)[0];
}

/** The points that no other point of the curve beats in both time and recall, by time. */
export function frontier(contender: PeerMeasured, k: number): PeerPoint[] {
  const kept: PeerPoint[] = [];
  for (const point of pointsOf(contender, k).toSorted((a, b) => a.micros - b.micros || b.recall - a.recall)) {
    if (point.recall > (kept.at(-1)?.recall ?? -1)) kept.push(point);
  }
  return kept;
}
