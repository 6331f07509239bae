/** What the runtime imports as `midx`. */
export type Library = Pick<typeof import("../../../src/index.ts"), "load">;

/** Index files, by what is odd about them. */
export interface Files {
  readonly golden: Uint8Array<ArrayBuffer>;
  /** The golden rows without fine codes. */
  readonly withoutCodes: Uint8Array<ArrayBuffer>;
  readonly empty: Uint8Array<ArrayBuffer>;
  /** One class. */
  readonly single: Uint8Array<ArrayBuffer>;
  /** Fifty classes with the same row. */
  readonly equal: Uint8Array<ArrayBuffer>;
  /** The first 0 … 40 golden rows, each number of them with 1, 2, 4, 8 and 16 codewords. */
  readonly small: readonly Uint8Array<ArrayBuffer>[];
}
