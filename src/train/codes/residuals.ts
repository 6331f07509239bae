import type { EncodedRows } from "../../format/row-codec.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";

/** The errors that a build reports: see BuildReport. */
export interface Residuals {
  readonly rowError: number;
  readonly residualShare: number;
}

/** The number of squared norms per row: of the storage error, the row, the residual of the stored row, the stored row. */
export const SQUARES = 4;
/** The place of the residual among them. */
const RESIDUAL = 2;

/** Writes the squared residual of each row to `to`, from index `first` on. `squares` are those of planSquares. */
export function takeResiduals(squares: Float64Array, to: Float32Array, first: number): void {
  for (let at = RESIDUAL, row = first; at < squares.length; at += SQUARES) to[row++] = squares[at] as number;
}

/**
 * Measures how far stored rows are from the input rows and from their codewords. The function it returns takes rows, f32
 * (rows, dim), the same rows as stored, and their codes, and gives f64 (rows, SQUARES).
 */
export function planSquares(
  quantizer: Quantizer,
): (data: Float32Array, stored: Pick<EncodedRows, "value">, codes1: Uint16Array, codes2: Uint16Array) => Float64Array {
  const { kind, dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  const centre = new Float64Array(dim);
  return (data, stored, codes1, codes2) => {
    const squares = new Float64Array(codes1.length * SQUARES);
    for (let row = 0; row < codes1.length; row++) {
      const first = (codes1[row] as number) * dim1;
      const second = (codes2[row] as number) * dim2;
      for (let d = 0; d < dim1; d++) centre[d] = codebook1[first + d] as number;
      if (kind === "pq") centre.fill(0, dim1);
      for (let d = 0; d < dim2; d++) {
        centre[secondFrom + d] = (centre[secondFrom + d] as number) + (codebook2[second + d] as number);
      }
      let lost = 0;
      let total = 0;
      let residuals = 0;
      let storedTotal = 0;
      for (let d = 0; d < dim; d++) {
        const value = data[row * dim + d] as number;
        const storedValue = stored.value(row, d);
        const residual = storedValue - (centre[d] as number);
        lost += (value - storedValue) * (value - storedValue);
        total += value * value;
        residuals += residual * residual;
        storedTotal += storedValue * storedValue;
      }
      const at = row * SQUARES;
      squares[at] = lost;
      squares[at + 1] = total;
      squares[at + 2] = residuals;
      squares[at + 3] = storedTotal;
    }
    return squares;
  };
}

/** Adds squares row by row, so that the sums do not depend on the chunks. */
export class SquareSums {
  private readonly sums = new Float64Array(SQUARES);
  /** The largest ‖stored row‖². */
  largestSquareNorm = 0;

  /** Adds the squares of the next rows. */
  add(squares: Float64Array): void {
    const { sums } = this;
    for (let i = 0; i < squares.length; i += SQUARES) {
      for (let of = 0; of < SQUARES; of++) sums[of] = (sums[of] as number) + (squares[i + of] as number);
    }
    for (let i = SQUARES - 1; i < squares.length; i += SQUARES) {
      this.largestSquareNorm = Math.max(this.largestSquareNorm, squares[i] as number);
    }
  }

  /** Returns the mean of ‖stored row‖² over `count` rows, 0 without rows. */
  meanSquareNorm(count: number): number {
    return count > 0 ? (this.sums[SQUARES - 1] as number) / count : 0;
  }

  residuals(): Residuals {
    const [lost, total, residuals, storedTotal] = this.sums as unknown as [number, number, number, number];
    return {
      rowError: total > 0 ? Math.sqrt(lost / total) : 0,
      residualShare: storedTotal > 0 ? Math.sqrt(residuals / storedTotal) : 0,
    };
  }
}
