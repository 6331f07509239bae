import type { ModelShape, TableName } from "./shape.ts";

/** A trained model: its tables are f32, row by row, by the names of shape.ts. */
export interface Model {
  readonly shape: ModelShape;
  readonly tables: Readonly<Partial<Record<TableName, Float32Array<ArrayBuffer>>>>;
}
