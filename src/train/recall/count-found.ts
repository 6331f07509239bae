import type { OpenedIndex } from "../../memory/opened-index.ts";

/** The settings with which topK is asked, and memory for its scores. */
export interface Search {
  /** Ascending. */
  readonly scans: readonly number[];
  /** Descending. */
  readonly rescores: readonly number[];
  /** The number of outliers, which are scored in the draw buffers. */
  readonly outliers: number;
  /** f32 (itemCount), by position: scratch. */
  readonly scoreOf: Float32Array;
}

/**
 * Adds to `found`, (ks, scans, rescores), how many classes among the k that topK answers to the prepared query reach least[k],
 * for each of `ks`, which has a value in `least` each.
 *
 * Codes are read and rows are scored once for all settings: the rows of a scan are the first of every longer one, and the best
 * R rows by code are among the best of any larger number. As in topK the outliers join them.
 */
export function countFound(
  opened: OpenedIndex,
  { scans, rescores, outliers, scoreOf }: Search,
  { ks, least }: { readonly ks: readonly number[]; readonly least: readonly number[] },
  found: Uint16Array,
): void {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  const outlierScores = new Float32Array(buffer, regions.drawScores, outliers);
  const ownOf = least.map((score) => reaching(outlierScores, outliers, score));
  const scores = new Float32Array(rescores[0] as number);
  const most = rescores[0] as number;
  scoreOf.fill(Number.NaN); // no row is scored yet
  let count = kernels.scanBest(layout, 0, most);
  for (const [s, scan] of scans.entries()) {
    count = kernels.scanFurther(layout, scan, most, count);
    const positions = new Int32Array(buffer, regions.reservoirPositions, count);
    scoreOthers(opened, positions, scoreOf);
    const left = [positions, new Int32Array(buffer, regions.reservoirKeys, count)].map((values) => ({
      values,
      copy: values.slice(),
    }));
    let kept = count;
    for (const [r, rescore] of rescores.entries()) {
      if (rescore < kept) kernels.keepBest(layout, kept, rescore);
      kept = Math.min(kept, rescore);
      for (let j = 0; j < kept; j++) scores[j] = scoreOf[positions[j] as number] as number;
      for (const [c, k] of ks.entries()) {
        const at = (c * scans.length + s) * rescores.length + r;
        const reached = (ownOf[c] as number) + reaching(scores, kept, least[c] as number);
        found[at] = (found[at] as number) + Math.min(k, reached);
      }
    }
    for (const { values, copy } of left) values.set(copy);
  }
}

/** Returns how many of the first `count` scores reach `least`. */
function reaching(scores: Float32Array, count: number, least: number): number {
  let reached = 0;
  for (let i = 0; i < count; i++) if ((scores[i] as number) >= least) reached++;
  return reached;
}

/** Scores the rows at those of the positions that have no score yet. */
function scoreOthers({ kernels, plan }: OpenedIndex, positions: Int32Array, scoreOf: Float32Array): void {
  const { layout, regions } = plan;
  const { headPositions, headScores } = regions;
  const others = positions.filter((position) => Number.isNaN(scoreOf[position]));
  new Int32Array(kernels.memory.buffer, headPositions, others.length).set(others);
  kernels.scorePositions(layout, headPositions, others.length, headScores);
  const scores = new Float32Array(kernels.memory.buffer, headScores, others.length);
  for (let i = 0; i < others.length; i++) scoreOf[others[i] as number] = scores[i] as number;
}
