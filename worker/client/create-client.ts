import type { InfoAnswer, ReadyAnswer, VectorizeAnswer } from "../contract/wire.ts";
import { type ClientOptions, callerOf, checkOptions } from "./call.ts";
import type { CallOptions } from "./calls/call-options.ts";
import type { Mutation, WriteOptions } from "./calls/change-calls.ts";
import type { Client } from "./client.ts";
import { json, listedQuery, listedRow, type Query, requestOf, type Vector } from "./request-of.ts";

/** A signal is no field of a request. */
const UNSENT = { signal: undefined };

/** The options that the client itself looks at. */
interface SentOptions extends CallOptions {
  readonly seed?: number | bigint | string;
}

/** Writes the digits of an integer, of which JSON would round a large one. Leaves other seeds for the service to refuse. */
const digitsOf = (seed: unknown): unknown =>
  typeof seed === "bigint" || Number.isInteger(seed) ? `${BigInt(seed as bigint)}` : seed;

interface VectorizeReply {
  readonly result: VectorizeAnswer;
  readonly headers: Headers;
}

/**
 * Creates a client of a midx service. It sends Float32Arrays as raw bytes, and other queries as JSON.
 *
 * The client never retries. `MidxError.retryAfter` tells when a retry makes sense.
 *
 * @param url the address of the service, with or without a path
 * @param options the token of the service, further headers, another `fetch`
 * @returns the client, which sends nothing until a method is called
 * @throws RangeError for an address with a query or a fragment, or without "http://" before its host and port
 * @throws TypeError for an option that is unknown or null
 *
 * @example
 * const midx = createClient("https://words.example.com", { token });
 * const { ids, probabilities } = await midx.predict(query, { k: 10, seed: 1 });
 */
export function createClient(url: string | URL, options?: ClientOptions): Client {
  const call = callerOf(url, options);

  const post =
    (name: string) =>
    async (query: Query | readonly Query[], options?: SentOptions): Promise<never> => {
      const fields = { ...options, seed: digitsOf(options?.seed), ...UNSENT };
      return call(...requestOf(`/v1/${name}`, query, fields), options);
    };

  const get =
    <Answer>(path: string) =>
    async (options: CallOptions = {}): Promise<Answer> => {
      checkOptions(options, "signal");
      return call(path, null, options);
    };

  const write = async (path: string, fields: object, options: WriteOptions = {}): Promise<Mutation> => {
    checkOptions(options, "idempotencyKey or signal");
    return call(path, json(fields), options, "mutationId");
  };

  return {
    predict: post("predict"),
    sample: post("sample"),
    sampleTopK: post("sample-top-k"),
    logPartition: post("log-partition"),
    logProbability: post("log-probability"),
    decode: post("decode"),
    slateLogProbability: post("slate-log-probability"),
    encode: async (sequence, options) => call("/v1/encode", json({ sequence, ...options, ...UNSENT }), options),
    async vectorizeQuery(vector: Vector, options?: CallOptions): Promise<never> {
      const body = json({ vector: listedQuery(vector), ...options, ...UNSENT });
      const { result, headers } = await call<VectorizeReply>("/v1/query", body, options, "result");
      const header = (name: string): string => headers.get(name) ?? "";
      return { version: header("x-index-version"), requestId: header("x-request-id"), ...result } as never;
    },
    info: get<InfoAnswer>("/v1/info"),
    ready: get<ReadyAnswer>("/readyz"),
    upsert: async (classes, options) => {
      const { rows } = Object(classes) as typeof classes;
      return write("/v1/upsert", { ...classes, rows: Array.isArray(rows) ? rows.map(listedRow) : rows }, options);
    },
    delete: (labels, options) => write("/v1/delete", { labels }, options),
  };
}
