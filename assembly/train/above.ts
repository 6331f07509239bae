import { PANEL_WIDTH } from "../../src/abi";
import { eachTile } from "./tiles";

/** The input of scoresAbove beside rows and queries, and its output. The caller sets all but `count` and the state. */
@unmanaged
export class Above {
  floors: usize; // f32 (8⌈queryCount/8⌉): +∞ where there is no query
  biases: usize; // f32 (rowCount)
  found: usize; // Found (rowCount · queryCount)
  count: i32; // the number of pairs that were found
  first: i32; // the first row of the tile
  last: i32; // the last row
}

/** A row and a query whose score is above the floor of the query. */
@unmanaged
export class Found {
  row: i32;
  query: i32;
  score: f32;
}

@unmanaged
class AboveSink extends Above {
  // @ts-ignore: decorator
  @inline
  begin(i: i32): void {
    this.first = i;
  }

  // @ts-ignore: decorator
  @inline
  take(j: i32, k: i32, _line: usize, low: v128, high: v128): void {
    const row = this.first + j;
    if (row > this.last) return;
    const bias = v128.load32_splat(this.biases + (<usize>row << 2));
    const lowScores = f32x4.add(low, bias), highScores = f32x4.add(high, bias);
    const floors = this.floors + (<usize>k << 2);
    const lowMask = f32x4.gt(lowScores, v128.load(floors)), highMask = f32x4.gt(highScores, v128.load(floors, 16));
    if (!v128.any_true(v128.or(lowMask, highMask))) return;
    this.put(row, k, lowScores, i32x4.bitmask(lowMask));
    this.put(row, k + 4, highScores, i32x4.bitmask(highMask));
  }

  // @ts-ignore: decorator
  @inline
  end(_i: i32, _rowCount: i32): void {}

  /** Appends the lanes of the mask. */
  put(row: i32, k: i32, scores: v128, mask: i32): void {
    for (; mask != 0; mask &= mask - 1) {
      const lane = ctz(mask);
      const found = changetype<Found>(this.found + <usize>this.count * offsetof<Found>());
      found.row = row;
      found.query = k + lane;
      found.score = laneOf(scores, lane);
      this.count++;
    }
  }
}

// @ts-ignore: decorator
@inline
function laneOf(values: v128, lane: i32): f32 {
  if (lane < 2) return lane == 0 ? f32x4.extract_lane(values, 0) : f32x4.extract_lane(values, 1);
  return lane == 2 ? f32x4.extract_lane(values, 2) : f32x4.extract_lane(values, 3);
}

/**
 * Finds the pairs with rows[i]·q[k] + biases[i] > floors[k], scores in f32 with the bias added last. The pairs of a query
 * come in the order of its rows. O(rowCount · queryCount · dim).
 *
 * rows: f32 (rowCount, dim), rowCount ≥ 1. panels: the panels of q, f32 (queryCount, dim), from packPanels, queryCount ≥ 1.
 * above: an Above whose addresses are set.
 */
export function scoresAbove(rows: usize, panels: usize, rowCount: i32, queryCount: i32, dim: i32, above: usize): void {
  const a = changetype<AboveSink>(above);
  a.count = 0;
  a.last = rowCount - 1;
  eachTile(rows, rowCount, panels, queryCount, dim, a);
}
