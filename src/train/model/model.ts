import type { ModelShape, TableName } from "./shape.ts";

/** A trained model. `build` makes an index of its classes and biases. */
export interface Model {
  /** The sizes of the model. */
  readonly shape: ModelShape;
  /**
   * The parameters, f32, row-major: `classes` (classCount, dim), `bias` (classCount), `features` (featureCount, dim),
   * `positions` (positionCount, dim) if there are positions, and `hidden.weight` (dim, dim) and `hidden.bias` (dim) if there is
   * a hidden layer.
   */
  readonly tables: Readonly<Partial<Record<TableName, Float32Array<ArrayBuffer>>>>;
}
