import { exp64 } from "../../exp";
import { Classes, Lists, Tables } from "./structs";

/**
 * Adds the softmax's mass in each bucket of the head to the masses of both its codewords, in the column: the sum of
 * e^(query·row_i + bias_i − logPartition) over its classes. Returns the sum over all buckets of the head. O(head ·
 * dim).
 *
 * classes: Classes. lists: Lists, whose flags mark the head. query: f32 (dim). masses: Tables of f64.
 */
export function headMasses(
  classes: usize, lists: usize, query: usize, logPartition: f64, masses: usize, column: i32,
): f64 {
  const c = changetype<Classes>(classes), l = changetype<Lists>(lists);
  const rows = c.rows, biases = c.biases, dim = c.dim, flags = l.flags, offsets = l.offsets, ids = l.ids;
  const m = changetype<Tables>(masses);
  let head: f64 = 0;
  for (let b: usize = 0, count = <usize>l.bucketCount; b < count; b++) {
    if (load<u8>(flags + b) == 0) continue;
    let mass: f64 = 0;
    const end = ids + (<usize>load<i32>(offsets + (b << 2), 4) << 2);
    for (let at = ids + (<usize>load<i32>(offsets + (b << 2)) << 2); at < end; at += 4) {
      const id = <usize>load<i32>(at);
      const logit = product(query, rows + ((id * dim) << 2), dim) + <f64>load<f32>(biases + (id << 2));
      mass += exp64(logit - logPartition);
    }
    const code = load<i32>(l.codes + (b << 2)), k1 = code >> l.bits, k2 = code & ((1 << l.bits) - 1);
    addTo(m.first + (<usize>(k1 * m.width + column) << 3), mass);
    addTo(m.second + (<usize>(k2 * m.width + column) << 3), mass);
    head += mass;
  }
  return head;
}

/**
 * Adds the proposal's mass in each bucket of the tail to the masses of both its codewords, in the column: weight ·
 * factors1[k1] · factors2[k2]. Returns the sum over all buckets of the tail. O(bucketCount).
 *
 * lists: Lists, whose flags mark the head. factors, masses: Tables of f64.
 */
export function tailMasses(lists: usize, factors: usize, masses: usize, column: i32): f64 {
  const l = changetype<Lists>(lists), f = changetype<Tables>(factors), m = changetype<Tables>(masses);
  const codes = l.codes, weights = l.weights, flags = l.flags, bits = l.bits, mask = (1 << bits) - 1;
  const rowBytes = <usize>m.width << 3, begin = <usize>column << 3;
  const factors1 = f.first + begin, factors2 = f.second + begin, masses1 = m.first + begin, masses2 = m.second + begin;
  let tail: f64 = 0;
  for (let b: usize = 0, count = <usize>l.bucketCount; b < count; b++) {
    if (load<u8>(flags + b) != 0) continue;
    const code = load<i32>(codes + (b << 2));
    const first = <usize>(code >> bits) * rowBytes, second = <usize>(code & mask) * rowBytes;
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

/**
 * Returns the inner product in f64: four partial sums over d mod 4, joined in their order, then the last dim mod 4
 * products.
 */
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
