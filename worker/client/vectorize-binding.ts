import type { InfoAnswer, VectorizeOptions } from "../contract/wire.ts";
import { type ClientOptions, callerOf, rootOf } from "./call.ts";

/** Options of a query as Workers' Vectorize has them. The service refuses a filter that is not empty, and namespaces. */
export interface VectorizeBindingOptions extends VectorizeOptions {
  readonly filter?: object;
  readonly namespace?: string;
}

/** A class as Vectorize has vectors. */
export interface VectorizeBindingVector {
  /** The label where the index has labels, otherwise the number of the class. */
  id: string;
  /** The stored row. */
  values: number[];
  /** The label where the index has labels. */
  metadata: Record<string, string>;
}

export interface VectorizeBindingMatch {
  id: string;
  /** The exact logit. */
  score: number;
  /** Only with `returnValues`. */
  values?: number[];
  /** Only with `returnMetadata`. */
  metadata?: Record<string, string>;
}

/** What both of Workers' types, Vectorize and the older VectorizeIndex, have `describe` say. */
export interface VectorizeBindingDescription {
  /** The content id of the file. */
  id: string;
  /** The version that is served. */
  name: string;
  config: { dimensions: number; metric: "dot-product" | "cosine" };
  dimensions: number;
  vectorCount: number;
  vectorsCount: number;
  /** 0: an index is not changed in place. */
  processedUpToDatetime: number;
  /** 0 for the same reason. */
  processedUpToMutation: number;
}

/**
 * A client of the shape of Workers' Vectorize binding, for what asks one. An index is not changed in place: `insert`,
 * `upsert` and `deleteByIds` reject with the service's refusal. Rejections are those of `createClient`.
 */
export interface VectorizeBinding {
  describe(): Promise<VectorizeBindingDescription>;
  query(
    vector: Float32Array | Float64Array | readonly number[],
    options?: VectorizeBindingOptions,
  ): Promise<{ count: number; matches: VectorizeBindingMatch[] }>;
  /** The query is the stored row of this class. */
  queryById(
    vectorId: string,
    options?: VectorizeBindingOptions,
  ): Promise<{ count: number; matches: VectorizeBindingMatch[] }>;
  /** Those that there are, at most 1,000. */
  getByIds(ids: readonly string[]): Promise<VectorizeBindingVector[]>;
  insert(vectors: readonly object[]): Promise<never>;
  upsert(vectors: readonly object[]): Promise<never>;
  deleteByIds(ids: readonly string[]): Promise<never>;
}

/** The service looks at neither account nor name. */
const INDEX = "/client/v4/accounts/midx/vectorize/v2/indexes/midx";

/**
 * Asks a midx service as a Worker asks its Vectorize binding.
 *
 * @example
 * const index = createVectorizeBinding("https://words.example.com", { token });
 * const { matches } = await index.query(embedding, { topK: 3, returnMetadata: "all" });
 * @example
 * // Documents of LangChain's store are the labels.
 * const store = new CloudflareVectorizeStore(embeddings, { index, textKey: "label" });
 */
export function createVectorizeBinding(url: string | URL, options: ClientOptions = {}): VectorizeBinding {
  const root = rootOf(url);
  const call = callerOf(options);
  const ask = async <Result>(operation: string, fields: object = {}): Promise<Result> => {
    const { body } = await call<{ result: Result }>(`${root}${INDEX}/${operation}`, JSON.stringify(fields));
    return body.result;
  };
  return {
    describe: async () => describe((await call<InfoAnswer>(`${root}/v1/info`, null)).body),
    query: (vector, fields) => ask("query", { ...fields, vector: Array.from(vector) }),
    queryById: (vectorId, fields) => ask("query", { ...fields, vectorId }),
    getByIds: (ids) => ask("get_by_ids", { ids }),
    insert: () => ask("insert"),
    upsert: () => ask("upsert"),
    deleteByIds: () => ask("delete_by_ids"),
  };
}

const describe = ({ contentId, version, dim, metric, itemCount }: InfoAnswer): VectorizeBindingDescription => ({
  id: contentId,
  name: version,
  config: { dimensions: dim, metric: metric === "dot" ? "dot-product" : metric },
  dimensions: dim,
  vectorCount: itemCount,
  vectorsCount: itemCount,
  processedUpToDatetime: 0,
  processedUpToMutation: 0,
});
