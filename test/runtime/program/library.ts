/** The part of `midx` that the runtime imports. */
export type Library = Pick<typeof import("../../../src/index.ts"), "load">;

/** Index files, named by what is special about them. */
export interface Files {
  readonly golden: Uint8Array<ArrayBuffer>;
  /** The golden rows, without fine codes. */
  readonly withoutCodes: Uint8Array<ArrayBuffer>;
  readonly empty: Uint8Array<ArrayBuffer>;
  /** An index of one class. */
  readonly single: Uint8Array<ArrayBuffer>;
  /** Fifty classes that have the same row. */
  readonly equal: Uint8Array<ArrayBuffer>;
  /** The first 0 to 40 golden rows, each number of them with 1, 2, 4, 8 and 16 codewords. */
  readonly small: readonly Uint8Array<ArrayBuffer>[];
  /** An index with an encoder. */
  readonly encoder: Uint8Array<ArrayBuffer>;
}
