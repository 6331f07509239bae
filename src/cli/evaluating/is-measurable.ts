import type { IndexInfo } from "../../index.ts";

/** Returns true if an index can be compared with the softmax: that takes a class and a query. */
export const isMeasurable = ({ itemCount }: IndexInfo, queries: Float32Array): boolean =>
  itemCount > 0 && queries.length > 0;
