import type { Metric } from "./peers/peer.ts";

/** bench/results/peers.json. */
export interface PeersResult {
  readonly machine: string;
  readonly node: string;
  /** That were asked, of each set. */
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
  /** Absent where there is nothing to load, or no way to. */
  readonly loadSeconds?: number | undefined;
  readonly bytes: number;
  /** What its process grew by. */
  readonly memoryBytes: number;
  readonly curves: readonly PeerCurve[];
}

export interface PeerCurve {
  readonly k: number;
  readonly points: readonly PeerPoint[];
}

export interface PeerPoint {
  /** Settings. */
  readonly label: string;
  readonly recall: number;
  /** Of a query: median over batches. */
  readonly micros: number;
}

/** Names of this library's indices begin like this. */
export const OURS = "midx";
export const isOurs = ({ name }: { readonly name: string }): boolean => name.startsWith(OURS);

export const pointsOf = ({ curves }: PeerMeasured, k: number): readonly PeerPoint[] =>
  curves.find((curve) => curve.k === k)?.points ?? [];

/** What found at least `recall` in the least time. */
export function fastest(contender: PeerMeasured, k: number, recall: number): PeerPoint | undefined {
  const reaching = pointsOf(contender, k).filter((point) => point.recall >= recall);
  return reaching.sort((a, b) => a.micros - b.micros)[0];
}

/** Of several, where any reaches it. */
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

/** The points that no other of the curve beats in both time and recall, by time. */
export function frontier(contender: PeerMeasured, k: number): PeerPoint[] {
  const kept: PeerPoint[] = [];
  for (const point of pointsOf(contender, k).toSorted((a, b) => a.micros - b.micros || b.recall - a.recall)) {
    if (point.recall > (kept.at(-1)?.recall ?? -1)) kept.push(point);
  }
  return kept;
}
