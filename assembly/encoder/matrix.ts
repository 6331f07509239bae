/**
 * A matrix of f32 with a step, in bytes, between rows and one between columns. A transposed matrix is the same values
 * with the steps exchanged.
 */
@unmanaged
export class Matrix {
  values: usize;
  rowStep: usize;
  columnStep: usize;
}
