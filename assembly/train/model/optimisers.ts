// One step for the rows that a batch touched: row r of the gradients belongs to row ids[r] of the table and of what the
// optimiser keeps of it. keep = 1 − rate · decay shrinks the row first (decoupled decay). Element by element, so the width
// may be anything; a value has the same bits in a vector as alone.

/**
 * value ← keep · value − rate · gradient.
 *
 * values: f32 (rows, width). gradients: f32 (count, width). ids: i32 (count).
 */
export function stepDescent(
  values: usize,
  gradients: usize,
  ids: usize,
  count: i32,
  width: i32,
  rate: f32,
  keep: f32,
): void {
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < count; r++, ids += 4, gradients += rowBytes) {
    const value = values + <usize>load<i32>(ids) * rowBytes;
    let o: usize = 0;
    for (; o + 16 <= rowBytes; o += 16) {
      const step = f32x4.mul(f32x4.splat(rate), v128.load(gradients + o));
      v128.store(value + o, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(value + o)), step));
    }
    for (; o < rowBytes; o += 4) {
      store<f32>(value + o, keep * load<f32>(value + o) - rate * load<f32>(gradients + o));
    }
  }
}

const ADAGRAD_FLOOR: f32 = 1e-10;

/**
 * Adagrad (Duchi et al. 2011): square ← square + g², value ← keep · value − rate · g / √(square + 1e-10).
 *
 * squares: as values. The rest as in stepDescent.
 */
export function stepAdagrad(
  values: usize,
  squares: usize,
  gradients: usize,
  ids: usize,
  count: i32,
  width: i32,
  rate: f32,
  keep: f32,
): void {
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < count; r++, ids += 4, gradients += rowBytes) {
    const begin = <usize>load<i32>(ids) * rowBytes;
    const value = values + begin, square = squares + begin;
    let o: usize = 0;
    for (; o + 16 <= rowBytes; o += 16) {
      const gradient = v128.load(gradients + o);
      const sum = f32x4.add(v128.load(square + o), f32x4.mul(gradient, gradient));
      v128.store(square + o, sum);
      const root = f32x4.sqrt(f32x4.add(sum, f32x4.splat(ADAGRAD_FLOOR)));
      const step = f32x4.div(f32x4.mul(f32x4.splat(rate), gradient), root);
      v128.store(value + o, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(value + o)), step));
    }
    for (; o < rowBytes; o += 4) {
      const gradient = load<f32>(gradients + o);
      const sum = load<f32>(square + o) + gradient * gradient;
      store<f32>(square + o, sum);
      const step = rate * gradient / sqrt<f32>(sum + ADAGRAD_FLOOR);
      store<f32>(value + o, keep * load<f32>(value + o) - step);
    }
  }
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const ADAM_FLOOR: f32 = 1e-8;

/**
 * Adam (Kingma & Ba 2015), lazily: rows that are not touched keep their moments. mean ← β₁ mean + (1 − β₁) g,
 * square ← β₂ square + (1 − β₂) g², value ← keep · value − rate · mean / (√square · correction + 1e-8).
 *
 * rate is divided by 1 − β₁^t and correction is 1 / √(1 − β₂^t): the caller counts the steps t. means, squares: as values.
 */
export function stepAdam(
  values: usize,
  means: usize,
  squares: usize,
  gradients: usize,
  ids: usize,
  count: i32,
  width: i32,
  rate: f32,
  correction: f32,
  keep: f32,
): void {
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < count; r++, ids += 4, gradients += rowBytes) {
    const begin = <usize>load<i32>(ids) * rowBytes;
    const value = values + begin, mean = means + begin, square = squares + begin;
    let o: usize = 0;
    for (; o + 16 <= rowBytes; o += 16) {
      const g = v128.load(gradients + o);
      const m = f32x4.add(
        f32x4.mul(f32x4.splat(BETA1), v128.load(mean + o)),
        f32x4.mul(f32x4.splat(1 - BETA1), g),
      );
      const s = f32x4.add(
        f32x4.mul(f32x4.splat(BETA2), v128.load(square + o)),
        f32x4.mul(f32x4.splat(1 - BETA2), f32x4.mul(g, g)),
      );
      v128.store(mean + o, m);
      v128.store(square + o, s);
      const root = f32x4.add(f32x4.mul(f32x4.sqrt(s), f32x4.splat(correction)), f32x4.splat(ADAM_FLOOR));
      const step = f32x4.div(f32x4.mul(f32x4.splat(rate), m), root);
      v128.store(value + o, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(value + o)), step));
    }
    for (; o < rowBytes; o += 4) {
      const g = load<f32>(gradients + o);
      const m = BETA1 * load<f32>(mean + o) + (1 - BETA1) * g;
      const s = BETA2 * load<f32>(square + o) + (1 - BETA2) * (g * g);
      store<f32>(mean + o, m);
      store<f32>(square + o, s);
      const step = rate * m / (sqrt<f32>(s) * correction + ADAM_FLOOR);
      store<f32>(value + o, keep * load<f32>(value + o) - step);
    }
  }
}
