import { scoreChanged } from "./changed";
import { xxh64 } from "./checksum";
import { fixedScale } from "./fixed-point";
import { Layout, Search } from "./layout";
import { prepareSpread } from "./tilt";

/**
 * Prepares the query, D raw f32 values at layout.query, for all other kernels. O(D).
 *
 * It hashes the query, scales it to unit length if the index uses cosine similarity, copies the parts that the codebooks see,
 * and rounds it to fixed point for int8 rows: z~ = nearest(z / queryStep) with |z~| <= 32767 and 127 · Σ |z~| < 2^31, so that
 * every inner product with an int8 row is an exact integer. It also scores the classes with changed logits (scoreChanged).
 *
 * Every value must be finite and at most 2^LIMIT_EXPONENT in magnitude. The values behind the D-th, up to the width of
 * a stored row, must be 0.
 */
export function prepareQuery(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const dim = <usize>l.dim;
  s.queryHash = xxh64(l.query, l.dim << 2, 0);
  l.placesGuides = 1; // the shares in place have served another query
  if (l.isCosine) normalise(l.query, dim);
  if (l.subQuery2 != l.query) memory.copy(l.subQuery2, l.query + (<usize>l.dim1 << 2), (dim - <usize>l.dim1) << 2);
  if (l.subQuery1 != l.query) memory.copy(l.subQuery1, l.query, <usize>l.dim1 << 2);
  let largest: f64 = 0, sum: f64 = 0, square: f64 = 0;
  for (let i: usize = 0; i < dim; i++) {
    const magnitude = <f64>abs(load<f32>(l.query + (i << 2)));
    square += magnitude * magnitude;
    largest = max(largest, magnitude);
    sum += magnitude;
  }
  s.querySquare = square;
  prepareSpread(l);
  const scale = fixedScale(largest, sum, l.dim);
  for (let i: usize = 0; i < dim; i++) {
    store<i16>(l.fixedQuery + (i << 1), <i16>nearest(<f64>load<f32>(l.query + (i << 2)) * scale));
  }
  s.queryStep = scale > 0 ? 1 / scale : 0;
  s.refinement = 0;
  if (l.changedCount > 0) scoreChanged(layout);
}

/** Rounding of the bound and of additions, with room. */
const GROW: f64 = 1.000003814697265625; // 1 + 2^-18

/**
 * Makes topPush refine the scores of the prepared query, until the next is prepared, if the file has residuals. Sets
 * refinement, the most that residuals add to a score for a row scale of 1, and scores changed classes again. O(1), and O(D)
 * for each changed class.
 */
export function refineTop(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  if (!l.residualRows) return;
  const half = 0.5 * sqrt(<f64>l.dim);
  // No residual is larger than half a unit of a code, and fixed point adds at most half a step to a value.
  s.refinement = (sqrt(s.querySquare) + half * s.queryStep) * half * GROW;
  if (l.changedCount > 0) scoreChanged(layout);
}

/** Divides `count` f32 values by their Euclidean norm. Zeros stay zeros. */
function normalise(values: usize, count: usize): void {
  let square: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const v = <f64>load<f32>(values + (i << 2));
    square += v * v;
  }
  if (square == 0) return;
  const inverse = 1 / sqrt(square);
  for (let p = values, end = values + (count << 2); p < end; p += 4) store<f32>(p, <f32>(<f64>load<f32>(p) * inverse));
}
