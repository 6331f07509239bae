/** The largest eigenvalue stands out by far if it matters. */
const POWER_STEPS = 4;

/** Returns the ratio of the 99th to the first percentile of the norms of rows that are not zero. */
export function normSpread(rows: Float32Array, dim: number): number {
  const norms = squareNorms(rows, dim).filter((square) => square > 0);
  norms.sort();
  const at = (share: number): number => Math.sqrt(norms[Math.floor(share * (norms.length - 1))] ?? 1);
  return at(0.99) / at(0.01);
}

function squareNorms(rows: Float32Array, dim: number): Float64Array {
  const squares = new Float64Array(rows.length / dim);
  for (const [i, value] of rows.entries()) {
    const row = Math.floor(i / dim);
    squares[row] = (squares[row] as number) + value * value;
  }
  return squares;
}

/** Returns the share of Σ‖row‖² along the direction that has most of it, by power iteration from the longest row. */
export function carriedShare(rows: Float32Array, dim: number): number {
  const squares = squareNorms(rows, dim);
  const longest = squares.indexOf(squares.reduce((most, square) => Math.max(most, square), 0));
  const total = squares.reduce((sum, square) => sum + square, 0);
  let direction = Float64Array.from(rows.subarray(longest * dim, (longest + 1) * dim));
  let carried = 0;
  for (let step = 0; step < POWER_STEPS && total > 0; step++) {
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    const unit = direction.map((value) => value / length);
    const next = new Float64Array(dim);
    carried = 0;
    for (let first = 0; first < rows.length; first += dim) {
      let product = 0;
      for (let d = 0; d < dim; d++) product += (rows[first + d] as number) * (unit[d] as number);
      for (let d = 0; d < dim; d++) next[d] = (next[d] as number) + product * (rows[first + d] as number);
      carried += product * product;
    }
    direction = next;
  }
  return total > 0 ? carried / total : 0;
}
