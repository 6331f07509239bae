import { PANEL_WIDTH } from "../../../src/abi";
import { eachTile } from "../tiles";

/** The output of panelProducts and its offsets. The caller sets `out` and `offsets`, panelProducts the rest. */
@unmanaged
export class Target {
  place0: usize; // the address of row 0 of the tile in `out`
  offset0: f32; // the offset of this row
  place1: usize;
  offset1: f32;
  place2: usize;
  offset2: f32;
  place3: usize;
  offset3: f32;
  out: usize; // f32 (rowCount, 8⌈codewordCount/8⌉)
  offsets: usize; // f32 (rowCount)
  outBytes: usize; // the bytes of a row of `out`
  last: i32; // the last row
}

const ROW_BYTES: usize = 8;

@unmanaged
class TargetSink extends Target {
  // @ts-ignore: decorator
  @inline
  begin(i: i32): void {
    for (let at = changetype<usize>(this), end = at + 4 * ROW_BYTES; at < end; at += ROW_BYTES, i++) {
      const row = <usize>min(i, this.last);
      store<usize>(at, this.out + row * this.outBytes);
      store<f32>(at, load<f32>(this.offsets + (row << 2)), 4);
    }
  }

  // @ts-ignore: decorator
  @inline
  take(j: i32, k: i32, _line: usize, low: v128, high: v128): void {
    const own = changetype<usize>(this) + <usize>j * ROW_BYTES;
    const at = load<usize>(own) + (<usize>k << 2), offset = v128.load32_splat(own, 4);
    v128.store(at, f32x4.add(low, offset));
    v128.store(at, f32x4.add(high, offset), 16);
  }

  // @ts-ignore: decorator
  @inline
  end(_i: i32, _rowCount: i32): void {}
}

/**
 * Sets out[i][k] to rows[i]·c[k] + offsets[i] in f32, with the offset added last. Columns up to the next multiple of 8
 * are those of zero vectors. O(rowCount · codewordCount · dim).
 *
 * rows: f32 (rowCount, dim), rowCount ≥ 1. panels: the panels of c, f32 (codewordCount, dim), from packPanels, codewordCount ≥
 * 1. target: a Target whose `out` and `offsets` are set.
 */
export function panelProducts(
  rows: usize, panels: usize, rowCount: i32, codewordCount: i32, dim: i32, target: usize,
): void {
  const t = changetype<TargetSink>(target);
  t.outBytes = <usize>((codewordCount + PANEL_WIDTH - 1) & -PANEL_WIDTH) << 2;
  t.last = rowCount - 1;
  eachTile(rows, rowCount, panels, codewordCount, dim, t);
}
