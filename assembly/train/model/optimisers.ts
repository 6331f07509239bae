// A step for the rows that a batch touched. Row r of the gradients belongs to row ids[r] of the table and of the
// optimiser's state. The step works element by element, so the width is arbitrary, and a value has the same bits in a
// vector as alone.

/** A table of parameters, f32 (rows, width), and the optimiser's state of each value, at the same places. */
@unmanaged
export class Table {
  values: usize;
  means: usize; // first moments, used by Adam
  squares: usize; // sums or means of squared gradients, used by Adagrad and Adam
  width: i32;
}

/** The numbers of one step. */
@unmanaged
export class Step {
  rate: f32; // learning rate; for Adam divided by 1 − β₁^t, with t the steps that the caller counts
  correction: f32; // 1 / √(1 − β₂^t), used by Adam
  keep: f32; // 1 − rate · decay: the factor of decoupled weight decay
  meanShare: f32; // β₁, used by Adam
  squareShare: f32; // β₂, used by Adam
}

/** Loads four values, or one into the first lane. */
// @ts-ignore: decorator
@inline
function read(at: usize, isWhole: bool): v128 {
  return isWhole ? v128.load(at) : v128.load32_zero(at);
}

// @ts-ignore: decorator
@inline
function write(at: usize, isWhole: bool, values: v128): void {
  if (isWhole) v128.store(at, values);
  else v128.store32_lane(at, values, 0);
}

/**
 * Sets each value to keep · value − move, where the rule computes the move and may change the optimiser's state.
 * gradients: f32 (count, width). ids: i32 (count), distinct. Everything the loop needs is loaded before it: no other
 * way is as fast. O(count · width).
 */
// @ts-ignore: decorator
@inline
function stepRows<Rule extends Step>(table: usize, rule: Rule, gradients: usize, ids: usize, count: i32): void {
  const t = changetype<Table>(table);
  const rowBytes = <usize>t.width << 2, values = t.values, means = t.means, squares = t.squares;
  const rate = f32x4.splat(rule.rate), correction = f32x4.splat(rule.correction), keep = f32x4.splat(rule.keep);
  for (let r = 0; r < count; r++, ids += 4, gradients += rowBytes) {
    const begin = <usize>load<i32>(ids) * rowBytes;
    const value = values + begin, mean = means + begin, square = squares + begin;
    let o: usize = 0;
    for (; o + 16 <= rowBytes; o += 16) {
      const move = rule.move(rate, correction, v128.load(gradients + o), mean + o, square + o, true);
      v128.store(value + o, f32x4.sub(f32x4.mul(keep, v128.load(value + o)), move));
    }
    for (; o < rowBytes; o += 4) {
      const move = rule.move(rate, correction, v128.load32_zero(gradients + o), mean + o, square + o, false);
      v128.store32_lane(value + o, f32x4.sub(f32x4.mul(keep, v128.load32_zero(value + o)), move), 0);
    }
  }
}

@unmanaged
class Descent extends Step {
  // @ts-ignore: decorator
  @inline
  move(rate: v128, _correction: v128, gradient: v128, _mean: usize, _square: usize, _isWhole: bool): v128 {
    return f32x4.mul(rate, gradient);
  }
}

/**
 * A step of plain gradient descent: the move is rate · gradient. table: Table. step: Step. gradients: f32 (count,
 * width). ids: i32 (count), distinct.
 */
export function stepDescent(table: usize, step: usize, gradients: usize, ids: usize, count: i32): void {
  stepRows(table, changetype<Descent>(step), gradients, ids, count);
}

const ADAGRAD_FLOOR: f32 = 1e-10;

@unmanaged
class Adagrad extends Step {
  // @ts-ignore: decorator
  @inline
  move(rate: v128, _correction: v128, gradient: v128, _mean: usize, square: usize, isWhole: bool): v128 {
    const sum = f32x4.add(read(square, isWhole), f32x4.mul(gradient, gradient));
    write(square, isWhole, sum);
    const root = f32x4.sqrt(f32x4.add(sum, f32x4.splat(ADAGRAD_FLOOR)));
    return f32x4.div(f32x4.mul(rate, gradient), root);
  }
}

/**
 * A step of Adagrad (Duchi et al. 2011): square ← square + g², and the move is rate · g / √(square + 1e-10). The shapes
 * are those of stepDescent.
 */
export function stepAdagrad(table: usize, step: usize, gradients: usize, ids: usize, count: i32): void {
  stepRows(table, changetype<Adagrad>(step), gradients, ids, count);
}

const ADAM_FLOOR: f32 = 1e-8;

@unmanaged
class Adam extends Step {
  // @ts-ignore: decorator
  @inline
  move(rate: v128, correction: v128, gradient: v128, mean: usize, square: usize, isWhole: bool): v128 {
    const m = weighted(this.meanShare, read(mean, isWhole), gradient);
    const s = weighted(this.squareShare, read(square, isWhole), f32x4.mul(gradient, gradient));
    write(mean, isWhole, m);
    write(square, isWhole, s);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(s), correction), f32x4.splat(ADAM_FLOOR));
    return f32x4.div(f32x4.mul(rate, m), root);
  }
}

/** Returns share · before + (1 − share) · now. */
// @ts-ignore: decorator
@inline
function weighted(share: f32, before: v128, now: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(share), before), f32x4.mul(f32x4.splat(1 - share), now));
}

/**
 * A step of lazy Adam (Kingma & Ba 2015): rows that are not touched keep their moments. mean ← β₁ mean + (1 − β₁) g,
 * square ← β₂ square + (1 − β₂) g², and the move is rate · mean / (√square · correction + 1e-8). The shapes are those
 * of stepDescent.
 */
export function stepAdam(table: usize, step: usize, gradients: usize, ids: usize, count: i32): void {
  stepRows(table, changetype<Adam>(step), gradients, ids, count);
}
