import type { InfoAnswer, VectorizeOptions } from "../contract/wire.ts";
import { type ClientOptions, callerOf } from "./call.ts";
import { json, listedQuery } from "./request-of.ts";
import {
  linesOf,
  type Mutated,
  mutationOf,
  type VectorizeBindingInput,
  type VectorizeBindingMutation,
} from "./vectorize-writes.ts";

export type { VectorizeBindingInput, VectorizeBindingMutation } from "./vectorize-writes.ts";

/** Options of a query in Workers' Vectorize binding. */
export type VectorizeBindingOptions = VectorizeOptions;

/**
 * Metadata: values in columns of the index, and from midx/live any JSON that was written. The types of Workers allow less than
 * that, so only with `any` can this client be given where a binding is expected.
 */
export interface VectorizeBindingMetadata {
  // biome-ignore lint/suspicious/noExplicitAny: Workers' types refuse unknown
  [name: string]: any;
}

/** A class in the shape of Vectorize's vectors. */
export interface VectorizeBindingVector {
  /** The label of the class if the index has labels, otherwise its id. */
  id: string;
  /** The stored row: `dim` values. */
  values: number[];
  /** The values of the class in the columns of the index, what else was written of it, and its label, if the index has labels. */
  metadata: VectorizeBindingMetadata;
  /** The namespace of the class, if it has one. */
  namespace?: string;
}

/** A match of a query. */
export interface VectorizeBindingMatch {
  /** The label of the class if the index has labels, otherwise its id. */
  id: string;
  /** The exact logit. */
  score: number;
  /** The stored row, if `returnValues` is true. */
  values?: number[];
  /**
   * The metadata that `returnMetadata` asks for: the values in the columns of the index, and for "all" and true what else was
   * written of the class, and the label.
   */
  metadata?: VectorizeBindingMetadata;
  /** The namespace of the class, if it has one and `returnMetadata` asks. */
  namespace?: string;
}

/** The answer of `describe`, with the fields of both types of Workers: Vectorize and the older VectorizeIndex. */
export interface VectorizeBindingDescription {
  /** The content id of the file. */
  id: string;
  /** The version that is served. */
  name: string;
  /** The configuration of the index. */
  config: {
    /** The number of values in a query. */
    dimensions: number;
    /** The kind of score, before the bias. */
    metric: "dot-product" | "cosine";
  };
  /** The number of values in a query. */
  dimensions: number;
  /** The number of classes. */
  vectorCount: number;
  /** The number of classes. */
  vectorsCount: number;
  /** 0, because an index does not record it. */
  processedUpToDatetime: number;
  /** The number of the last change that answers have; 0 if the service takes none. */
  processedUpToMutation: number;
}

/**
 * A client with the methods of Workers' Vectorize binding, for libraries that use one. Only a service that takes changes
 * (midx/live) has `insert`, `upsert` and `deleteByIds`: at another they reject with a `MidxError` of code `immutable`. Other
 * errors are as in `Client`.
 */
export interface VectorizeBinding {
  /**
   * Describes the index that is served.
   *
   * @returns the facts about the index, under the names of Vectorize
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { dimensions, vectorCount } = await index.describe();
   */
  describe(): Promise<VectorizeBindingDescription>;
  /**
   * Finds the `topK` best classes (default 5) for a vector of `dim` values.
   *
   * @param vector the query
   * @param options `topK`, and what each match contains besides id and score
   * @returns the matches, best first
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { matches } = await index.query(embedding, { topK: 3, returnMetadata: "all" });
   */
  query(
    vector: Float32Array | Float64Array | readonly number[],
    options?: VectorizeBindingOptions,
  ): Promise<{
    /** The number of matches. */
    count: number;
    /** The matches, best first. */
    matches: VectorizeBindingMatch[];
  }>;
  /**
   * Finds the best classes for the stored row of the class `vectorId`.
   *
   * @param vectorId the label of the class if the index has labels, otherwise its id
   * @param options `topK`, and what each match contains besides id and score
   * @returns the matches, best first
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { matches } = await index.queryById("7", { topK: 3 });
   */
  queryById(
    vectorId: string,
    options?: VectorizeBindingOptions,
  ): Promise<{
    /** The number of matches. */
    count: number;
    /** The matches, best first. */
    matches: VectorizeBindingMatch[];
  }>;
  /**
   * Returns the stored rows of at most 1,000 classes. Ids that the index lacks are left out.
   *
   * @param ids labels if the index has labels, otherwise ids
   * @returns the classes that were found
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const [vector] = await index.getByIds(["7"]);
   */
  getByIds(ids: readonly string[]): Promise<VectorizeBindingVector[]>;
  /**
   * Adds classes that the index does not have. Those that it has stay as they are.
   *
   * @param vectors at most 1,000 classes
   * @returns the mutation, which is kept
   * @throws TypeError for another value than an array
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await index.insert([{ id: "new shoe", values: embedding }]);
   */
  insert(vectors: readonly VectorizeBindingInput[]): Promise<VectorizeBindingMutation>;
  /**
   * Adds classes, or gives them other rows and metadata.
   *
   * @param vectors at most 1,000 classes
   * @returns the mutation, which is kept
   * @throws TypeError for another value than an array
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await index.upsert([{ id: "new shoe", values: embedding, metadata: { price: 12 } }]);
   */
  upsert(vectors: readonly VectorizeBindingInput[]): Promise<VectorizeBindingMutation>;
  /**
   * Removes classes. An id that the index does not have is no error.
   *
   * @param ids at most 1,000 ids
   * @returns the mutation, which is kept
   * @throws MidxError if the service refuses the request, otherwise the error with which `fetch` rejects
   *
   * @example
   * const { mutationId } = await index.deleteByIds(["sold out"]);
   */
  deleteByIds(ids: readonly string[]): Promise<VectorizeBindingMutation>;
}

/** The service ignores the account and the name in the path. */
const INDEX = "/client/v4/accounts/midx/vectorize/v2/indexes/midx/";

/**
 * Creates a client of a midx service in the shape of Workers' Vectorize binding.
 *
 * @param url the address of the service, with or without a path
 * @param options the token of the service, further headers, another `fetch`
 * @returns the client, which sends nothing until a method is called
 * @throws RangeError for an address with a query or a fragment, or without "http://" before its host and port
 * @throws TypeError for an option that is unknown or null
 *
 * @example
 * const index = createVectorizeBinding("https://words.example.com", { token });
 * const { matches } = await index.query(embedding, { topK: 3, returnMetadata: "all" });
 * @example
 * // The documents in LangChain's store are the labels.
 * const store = new CloudflareVectorizeStore(embeddings, { index, textKey: "label" });
 */
export function createVectorizeBinding(url: string | URL, options?: ClientOptions): VectorizeBinding {
  const call = callerOf(url, options);
  const ask = async <Result>(operation: string, fields: object, options?: object): Promise<Result> => {
    const body = json({ ...options, ...fields });
    const { result } = await call<{ result: Result }>(INDEX + operation, body, options, "result");
    return result;
  };
  const write = async (operation: string, vectors: readonly VectorizeBindingInput[]) => {
    const { result } = await call<Mutated>(INDEX + operation, linesOf(vectors), {}, "result", "application/x-ndjson");
    return mutationOf(
      result,
      vectors.map(({ id }) => id),
    );
  };
  return {
    describe: async () => describe(await call("/v1/info", null)),
    query: async (vector, options) => ask("query", { vector: listedQuery(vector) }, options),
    queryById: (vectorId, options) => ask("query", { vectorId }, options),
    getByIds: (ids) => ask("get_by_ids", { ids }),
    insert: (vectors) => write("insert", vectors),
    upsert: (vectors) => write("upsert", vectors),
    deleteByIds: async (ids) => mutationOf(await ask<Mutated["result"]>("delete_by_ids", { ids }), ids),
  };
}

/** A description tells no more of changes than the number of classes, which without changes is that of the file. */
interface Described extends Omit<InfoAnswer, "changes"> {
  readonly changes?: { readonly classCount: number };
}

const describe = ({
  contentId,
  version,
  dim,
  metric,
  itemCount,
  mutation: last = 0,
  changes: { classCount } = { classCount: itemCount },
}: Described): VectorizeBindingDescription => ({
  id: contentId,
  name: version,
  config: { dimensions: dim, metric: metric === "dot" ? "dot-product" : metric },
  dimensions: dim,
  vectorCount: classCount,
  vectorsCount: classCount,
  processedUpToDatetime: 0,
  processedUpToMutation: last,
});
