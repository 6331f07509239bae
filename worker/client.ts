import { type ClientOptions, callerOf, rootOf } from "./client/call.ts";
import type {
  Bag,
  DrawsAnswer,
  ExactDrawsAnswer,
  InfoAnswer,
  LogprobAnswer,
  LogprobOptions,
  LogzAnswer,
  LogzOptions,
  PredictAnswer,
  PredictOptions,
  QueryAnswer,
  QueryOptions,
  ReadyAnswer,
  Said,
  SampleOptions,
  SampleTopAnswer,
  SampleTopOptions,
  Several,
} from "./contract/wire.ts";

// The exports of `midx/client`, which needs `fetch` and nothing else.

export { type ClientOptions, MidxError } from "./client/call.ts";
export * from "./client/vectorize-binding.ts";
export type * from "./contract/wire.ts";

/** One query, of the index's `dim` values, or as features that the service makes it of. */
export type Query = Vector | Bag;
export type Vector = Float32Array | readonly number[];

export interface CallOptions {
  readonly signal?: AbortSignal;
}

type Answered<Answer> = Promise<Said & Answer>;
type AnsweredEach<Answer> = Promise<Several<Answer>>;
type ExactSampleOptions = SampleOptions & { readonly exact: true };
type PlainSampleOptions = SampleOptions & { readonly exact?: false };

/** The service's questions. One query has one answer, an array of queries has `results` in its order. */
export interface Client {
  /** The k most probable classes with probabilities, and log Z with its error. */
  predict(query: Query, options?: PredictOptions & CallOptions): Answered<PredictAnswer>;
  predict(queries: readonly Query[], options?: PredictOptions & CallOptions): AnsweredEach<PredictAnswer>;
  /** Independent draws, with log Q but for exact ones. */
  sample(query: Query, options: PlainSampleOptions & CallOptions): Answered<DrawsAnswer>;
  sample(query: Query, options: ExactSampleOptions & CallOptions): Answered<ExactDrawsAnswer>;
  sample(queries: readonly Query[], options: PlainSampleOptions & CallOptions): AnsweredEach<DrawsAnswer>;
  sample(queries: readonly Query[], options: ExactSampleOptions & CallOptions): AnsweredEach<ExactDrawsAnswer>;
  /** k distinct classes, with weights for sums over all. */
  sampleTop(query: Query, options: SampleTopOptions & CallOptions): Answered<SampleTopAnswer>;
  sampleTop(queries: readonly Query[], options: SampleTopOptions & CallOptions): AnsweredEach<SampleTopAnswer>;
  /** log Z with its error, and what it certainly lies between. */
  logz(query: Query, options?: LogzOptions & CallOptions): Answered<LogzAnswer>;
  logz(queries: readonly Query[], options?: LogzOptions & CallOptions): AnsweredEach<LogzAnswer>;
  /** Log-probabilities of given classes. */
  logprob(query: Query, options: LogprobOptions & CallOptions): Answered<LogprobAnswer>;
  logprob(queries: readonly Query[], options: LogprobOptions & CallOptions): AnsweredEach<LogprobAnswer>;
  /** The best classes, as Vectorize gives them. */
  query(query: Vector, options?: QueryOptions & CallOptions): Answered<QueryAnswer>;
  /** Which index is served. */
  info(options?: CallOptions): Promise<InfoAnswer>;
  /** Whether an index is served, or can be now: rejects with a 503 where it can't. */
  ready(options?: CallOptions): Promise<ReadyAnswer>;
}

/** The options of any question, as far as they matter here. */
interface Fields extends CallOptions {
  readonly seed?: number | bigint | string;
}

/** Longest URL with the fields in it, characters: servers and proxies take 8,000. */
const MAX_URL = 6000;
/**
 * Asks a midx service. Float32Arrays go as they are, other queries as JSON.
 *
 * Nothing is tried twice: a MidxError has `retryAfter` for who wants to. Refusals reject with a MidxError, a network that
 * fails and a signal that aborts with what `fetch` rejects with.
 *
 * @example
 * const midx = createClient("https://words.example.com", { token });
 * const { ids, probabilities } = await midx.predict(query, { k: 10, seed: 1 });
 */
export function createClient(url: string | URL, options: ClientOptions = {}): Client {
  const root = rootOf(url);
  const call = callerOf(options);

  const question =
    (name: string) =>
    async (query: Query | readonly Query[], { signal, ...options }: Fields = {}): Promise<never> => {
      const fields = { ...options, seed: options.seed?.toString() };
      return (await call<never>(...asked(`${root}/v1/${name}`, query, fields), signal)).body;
    };

  return {
    predict: question("predict"),
    sample: question("sample"),
    sampleTop: question("sample-top"),
    logz: question("logz"),
    logprob: question("logprob"),
    async query(query, { signal, ...fields } = {}) {
      const sent = JSON.stringify({ vector: Array.from(query), ...fields });
      const { body, headers } = await call<{ result: QueryAnswer }>(`${root}/v1/query`, sent, signal);
      const said = (name: string): string => headers.get(name) ?? "";
      return { version: said("x-index-version"), requestId: said("x-request-id"), ...body.result };
    },
    info: async ({ signal } = {}) => (await call<InfoAnswer>(`${root}/v1/info`, null, signal)).body,
    ready: async ({ signal } = {}) => (await call<ReadyAnswer>(`${root}/readyz`, null, signal)).body,
  };
}

const isBatch = (query: Query | readonly Query[]): query is readonly Query[] =>
  typeof (query as readonly unknown[])[0] === "object";
const isVector = (query: Query): query is Vector => !("features" in query);

/** Where a question goes, and its body: bytes where all is f32 and the URL has room for the fields, otherwise JSON. */
function asked(
  url: string,
  query: Query | readonly Query[],
  fields: object,
): [target: string, body: string | Float32Array<ArrayBuffer>] {
  const rows = isBatch(query) ? query : [query];
  if (!rows.every(isVector)) {
    return [url, JSON.stringify({ ...(rows === query ? { bags: rows } : rows[0]), ...fields })];
  }
  const bytes = endToEnd(rows);
  const target = `${url}?${search(rows === query ? { batch: rows.length, ...fields } : fields)}`;
  if (bytes && target.length <= MAX_URL) return [target, bytes];
  const lists = rows.map((row) => Array.from(row));
  return [url, JSON.stringify({ ...(rows === query ? { vectors: lists } : { vector: lists[0] }), ...fields })];
}

/** The rows' bytes where all are f32 and of one length. Hosts are little-endian, as WebAssembly is. */
function endToEnd(rows: readonly Vector[]): Float32Array<ArrayBuffer> | undefined {
  const { length } = rows[0] as Vector;
  if (!rows.every((row) => row instanceof Float32Array && row.length === length)) return undefined;
  const values = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) values.set(row, i * length);
  return values;
}

/** Fields as the query string has them: JSON, a seed as its digits. */
function search(fields: object): URLSearchParams {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, name === "seed" ? value : JSON.stringify(value)]));
}
