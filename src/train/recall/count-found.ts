import { scoreOutliers } from "../../answers/outliers.ts";
import { CURVE_KS } from "../../format/recall-curve.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";
import type { RecallTally } from "./recall-settings.ts";

/** Adds to `found` for the prepared query. `least` has the k-th best score for each k of CURVE_KS. */
export type CountFound = (opened: OpenedIndex, least: readonly number[], found: Uint16Array) => void;

/**
 * Returns a function that adds to `found`, (CURVE_KS, scans, rescores), how many of the k classes that topK answers reach the k-th
 * best score, up to k in all. A class that ties with the k-th best is as good as that one.
 *
 * Codes are read and rows are scored once for all settings: the rows of a scan are the first of every longer one, and the best
 * R rows by code are among the best of any larger number. As in topK the outliers join them.
 */
export function planCounts({ scans, rescores }: Pick<RecallTally, "scans" | "rescores">, classes: number): CountFound {
  const most = rescores[0] as number;
  const scoreOf = new Float32Array(classes); // by position
  return (opened, least, found) => {
    const { kernels, plan } = opened;
    const { layout, regions } = plan;
    const { buffer } = kernels.memory;
    const outliers = scoreOutliers(opened);
    kernels.refineScores(layout, regions.drawPositions, outliers, regions.drawScores);
    const outlierScores = new Float32Array(buffer, regions.drawScores, outliers);
    const ownOf = least.map((score) => outlierScores.filter((own) => own >= score).length);
    const lowest = Math.min(...least);
    scoreOf.fill(Number.NaN); // no row is scored yet
    let count = kernels.scanBest(layout, 0, most);
    for (const [s, scan] of scans.entries()) {
      count = kernels.scanFurther(layout, scan, most, count);
      const positions = new Int32Array(buffer, regions.reservoirPositions, count);
      const keys = new Int32Array(buffer, regions.reservoirKeys, count);
      const [allPositions, allKeys] = [positions.slice(), keys.slice()];
      scoreOthers(opened, positions, scoreOf);
      const scoreAt = (place: number): number => scoreOf[allPositions[place] as number] as number;
      // Few rows reach one of the scores, and fewer stay with each cut.
      const places = placesReaching(allPositions, scoreOf, lowest);
      let staying = least.map((score) => places.filter((place) => scoreAt(place) >= score));
      let kept = count;
      for (const [r, rescore] of rescores.entries()) {
        if (rescore < kept) {
          const floor = kernels.keepBest(layout, kept, rescore);
          kept = rescore;
          const stays = (place: number): boolean => {
            const key = allKeys[place] as number;
            return key > floor || (key === floor && isAmong(positions, kept, allPositions[place] as number));
          };
          staying = staying.map((of) => of.filter(stays));
        }
        for (const [c, k] of CURVE_KS.entries()) {
          const at = (c * scans.length + s) * rescores.length + r;
          const reached = (ownOf[c] as number) + (staying[c] as number[]).length;
          found[at] = Math.min(k, (found[at] as number) + reached);
        }
      }
      positions.set(allPositions);
      keys.set(allKeys);
    }
  };
}

/** Returns the places in `positions` of the rows that score at least `lowest`. */
function placesReaching(positions: Int32Array, scoreOf: Float32Array, lowest: number): number[] {
  const places: number[] = [];
  for (let place = 0; place < positions.length; place++) {
    if ((scoreOf[positions[place] as number] as number) >= lowest) places.push(place);
  }
  return places;
}

/** Returns true if a position is among the first `count`. */
const isAmong = (positions: Int32Array, count: number, position: number): boolean =>
  positions.subarray(0, count).includes(position);

/** Scores the rows at those of the positions that have no score yet, as topK does. */
function scoreOthers({ kernels, plan }: OpenedIndex, positions: Int32Array, scoreOf: Float32Array): void {
  const { layout, regions } = plan;
  const { headPositions, headScores } = regions;
  const others = new Int32Array(kernels.memory.buffer, headPositions, positions.length);
  let count = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number;
    if (Number.isNaN(scoreOf[position])) others[count++] = position;
  }
  kernels.scorePositions(layout, headPositions, count, headScores);
  kernels.refineScores(layout, headPositions, count, headScores);
  const scores = new Float32Array(kernels.memory.buffer, headScores, count);
  for (let i = 0; i < count; i++) scoreOf[others[i] as number] = scores[i] as number;
}
