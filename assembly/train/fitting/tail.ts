import { exp64 } from "../../exp";

/**
 * What the softmax of a query has in the head: masses1[k1] and masses2[k2] += Σ e^(query·row_i + bias_i − logPartition) over
 * the classes of each bucket (k1, k2) of the head. Returns the sum of all.
 *
 * bucketCodes: i32 (bucketCount), k1·2^bits + k2. flags: u8 (bucketCount), 1 in the head. offsets: i32 (bucketCount + 1)
 * into ids, i32. rows: f32 (N, dim). biases: f32 (N). query: f32 (dim). masses1, masses2: f64 (2^bits, stride), of which
 * the first column counts.
 */
export function headMasses(
  bucketCodes: usize,
  flags: usize,
  offsets: usize,
  ids: usize,
  bucketCount: i32,
  bits: i32,
  rows: usize,
  biases: usize,
  dim: i32,
  query: usize,
  logPartition: f64,
  stride: i32,
  masses1: usize,
  masses2: usize,
): f64 {
  const strideBytes = <usize>stride << 3;
  const mask = (1 << bits) - 1;
  let head: f64 = 0;
  for (let b: usize = 0; b < <usize>bucketCount; b++) {
    if (load<u8>(flags + b) == 0) continue;
    let mass: f64 = 0;
    const end = ids + (<usize>load<i32>(offsets + (b << 2), 4) << 2);
    for (let at = ids + (<usize>load<i32>(offsets + (b << 2)) << 2); at < end; at += 4) {
      const id = <usize>load<i32>(at);
      const logit = product(query, rows + ((id * dim) << 2), dim) + <f64>load<f32>(biases + (id << 2));
      mass += exp64(logit - logPartition);
    }
    const code = load<i32>(bucketCodes + (b << 2));
    addTo(masses1 + <usize>(code >> bits) * strideBytes, mass);
    addTo(masses2 + <usize>(code & mask) * strideBytes, mass);
    head += mass;
  }
  return head;
}

/**
 * What the proposal has outside of the head: masses1[k1] and masses2[k2] += weight · factors1[k1] · factors2[k2] for each
 * bucket that is not flagged. Returns the sum of all.
 *
 * weights: f64 (bucketCount). factors1, factors2: f64 (2^bits, stride), of which the first column counts; the rest as in
 * headMasses.
 */
export function tailMasses(
  bucketCodes: usize,
  weights: usize,
  flags: usize,
  bucketCount: i32,
  bits: i32,
  factors1: usize,
  factors2: usize,
  stride: i32,
  masses1: usize,
  masses2: usize,
): f64 {
  const strideBytes = <usize>stride << 3;
  const mask = (1 << bits) - 1;
  let tail: f64 = 0;
  for (let b: usize = 0; b < <usize>bucketCount; b++) {
    if (load<u8>(flags + b) != 0) continue;
    const code = load<i32>(bucketCodes + (b << 2));
    const first = <usize>(code >> bits) * strideBytes, second = <usize>(code & mask) * strideBytes;
    const mass = load<f64>(weights + (b << 3)) * load<f64>(factors1 + first) * load<f64>(factors2 + second);
    addTo(masses1 + first, mass);
    addTo(masses2 + second, mass);
    tail += mass;
  }
  return tail;
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, mass: f64): void {
  store<f64>(at, load<f64>(at) + mass);
}

/** In f64, as four partial sums over d mod 4, joined in their order, then what is left of dim. */
// @ts-ignore: decorator
@inline
function product(query: usize, row: usize, dim: i32): f64 {
  let low = f64x2.splat(0), high = low;
  let d = 0;
  for (; d <= dim - 4; d += 4) {
    const o = <usize>d << 2;
    const query0 = f64x2.promote_low_f32x4(v128.load64_zero(query + o));
    const query1 = f64x2.promote_low_f32x4(v128.load64_zero(query + o, 8));
    low = f64x2.add(low, f64x2.mul(query0, f64x2.promote_low_f32x4(v128.load64_zero(row + o))));
    high = f64x2.add(high, f64x2.mul(query1, f64x2.promote_low_f32x4(v128.load64_zero(row + o, 8))));
  }
  const pair = f64x2.add(low, high);
  let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (; d < dim; d++) sum += <f64>load<f32>(query + (<usize>d << 2)) * <f64>load<f32>(row + (<usize>d << 2));
  return sum;
}
