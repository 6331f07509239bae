import type { Origin } from "../origin.ts";

/** The contents of bench/results/batch.json. */
export interface BatchResult extends Origin {
  readonly builder: string;
  readonly heads: readonly BatchHead[];
  readonly products: readonly Product[];
}

export interface BatchHead {
  readonly itemCount: number;
  readonly rowType: string;
  readonly calls: readonly BatchCall[];
}

export interface BatchCall {
  readonly name: string;
  readonly sizes: readonly BatchSize[];
}

/** A batch beside single calls for the same queries. */
export interface BatchSize {
  readonly size: number;
  /** The CPU time of a single call, over that of the batch for each of its queries. */
  readonly ratio: number;
}

/** A way to read all rows for a batch: a full softmax of the library, or the product of another one. */
export interface Product {
  readonly name: string;
  readonly sizes: readonly {
    readonly size: number;
    /** CPU µs for each query. */
    readonly micros: number;
  }[];
}
