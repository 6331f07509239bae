import { CODE_BLOCK, FINE_CODEWORDS } from "../../src/abi";
import { CODE_LEVELS, Layout } from "../layout";
import { largestDistance, UNIT } from "./residuals";

/**
 * Measures the errors of the fine codes, from which bounds are made (docs/method.md, section 8). It runs once for an
 * index. O(N D).
 *
 * codeErrors are upper bounds of the norm of (stored or refined row - decoded codes), in units of errorBound / CODE_LEVELS, and
 * codeBiases those of bias - biasLeast, in units of biasRange / CODE_LEVELS. Sets errorBound, biasLeast and biasRange
 * too. The errors of outliers, which have no codes, are 0.
 *
 * It uses the places of the query and of codeMasses, so it must run before a query is prepared. The values behind the
 * D-th of the query must be 0.
 */
export function measureCodeErrors(layout: usize): void {
  const l = changetype<Layout>(layout);
  const grow = 1 + <f64>(l.dim + 16) * UNIT; // as in residuals.ts
  let largest: f64 = 0;
  for (let bucket = 0; bucket < l.bucketCount; bucket++) {
    const group = load<i32>(l.bucketCodes + (<usize>bucket << 2)) >> l.bits;
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    for (let position = load<i32>(offset), end = load<i32>(offset, 4); position < end; position++) {
      decode(l, group, position);
      const norm = sqrt(<f64>largestDistance(l, position)) * grow;
      store<f32>(l.codeMasses + (<usize>position << 2), <f32>(norm * (1 + 2 * UNIT)));
      largest = max(largest, <f64>load<f32>(l.codeMasses + (<usize>position << 2)));
    }
  }
  memory.fill(l.query, 0, <usize>l.dim << 2);
  const bucketed = l.itemCount - l.outlierCount;
  memory.fill(l.codeMasses + (<usize>bucketed << 2), 0, <usize>l.outlierCount << 2);
  l.errorBound = <f32>largest;
  if (l.bias) boundBiases(l);
  for (let position = 0; position < l.itemCount; position++) {
    const o = <usize>position << 1;
    const error = <f64>load<f32>(l.codeMasses + (<usize>position << 2));
    store<i16>(l.codeErrors + o, largest > 0 ? <i16>ceil(error / largest * CODE_LEVELS) : 0);
    if (l.bias) {
      const bias = <f64>load<f32>(l.bias + (<usize>position << 2));
      const level = l.biasRange > 0 ? ceil((bias - <f64>l.biasLeast) / <f64>l.biasRange * CODE_LEVELS) : 0;
      store<i16>(l.codeBiases + o, <i16>min(level, CODE_LEVELS));
    }
  }
}

/** Sets biasLeast and biasRange: no bias is larger than their sum. */
function boundBiases(l: Layout): void {
  let least: f64 = f32.MAX_VALUE, most: f64 = -f32.MAX_VALUE;
  for (let p = l.bias, end = p + (<usize>l.itemCount << 2); p < end; p += 4) {
    least = min(least, <f64>load<f32>(p));
    most = max(most, <f64>load<f32>(p));
  }
  if (l.itemCount == 0) return;
  l.biasLeast = <f32>least;
  l.biasRange = <f32>((most - least) * (1 + 2 * UNIT));
}

/**
 * Writes the first codeword (with PQ, zeros behind its values) plus the fine codewords of a row to the place of the
 * query.
 */
function decode(l: Layout, group: i32, position: i32): void {
  const dim = <usize>l.dim << 2, dim1 = <usize>l.dim1 << 2;
  memory.copy(l.query, l.codebook1 + <usize>group * <usize>l.codewordBytes1, dim1);
  memory.fill(l.query + dim1, 0, dim - dim1);
  // assembly/scan/codes.ts draws the blocks
  const row = position % CODE_BLOCK, lane = row & 15;
  const byte = lane < 8 ? 2 * lane : 2 * (lane - 8) + 1, shift = row < 16 ? 0 : 4;
  let codes = l.fineCodes + <usize>(position / CODE_BLOCK) * (<usize>l.fineCount << 4) + <usize>byte;
  let book = l.fineCodebooks;
  for (let o: usize = 0; o < dim; o += 8, codes += 16, book += FINE_CODEWORDS * 8) {
    const codeword = book + (<usize>((load<u8>(codes) >> shift) & 15) << 2);
    store<f32>(l.query + o, load<f32>(l.query + o) + load<f32>(codeword));
    if (o + 4 < dim) {
      store<f32>(l.query + o, load<f32>(l.query + o, 4) + load<f32>(codeword, FINE_CODEWORDS * 4), 4);
    }
  }
}
