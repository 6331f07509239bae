import { sha256 } from "../../src/internal.ts";
import { KEY_LIFE_MS, type KeyedCall, LOG_PAGE_BYTES, type SeenSets } from "../../src/publication/change-log.ts";
import {
  APPEND_PATH,
  CONFLICT_STATUS,
  encodePage,
  FIND_PATH,
  METADATA_PATH,
  OTHER_LOG_STATUS,
  READ_PATH,
  TRIM_PATH,
} from "./log-protocol.ts";
import { LogStorage, type Sql } from "./log-storage.ts";

/** The part of a Durable Object's state that a log uses. */
export interface LogState {
  /** The storage of the object, which has SQLite. */
  readonly storage: {
    /** Its database. */
    readonly sql: Sql;
    /**
     * Runs statements as one transaction.
     *
     * @param work the function that runs them
     * @returns its result
     *
     * @example
     * state.storage.transactionSync(() => state.storage.sql.exec("DELETE FROM keys"));
     */
    transactionSync<Result>(work: () => Result): Result;
    /**
     * Returns when the object is woken.
     *
     * @returns milliseconds of `Date.now()`, or null
     *
     * @example
     * const due = await state.storage.getAlarm();
     */
    getAlarm(): Promise<number | null>;
    /**
     * Has the object woken.
     *
     * @param at milliseconds of `Date.now()`
     * @returns a promise that resolves once that is stored
     *
     * @example
     * await state.storage.setAlarm(Date.now() + 3_600_000);
     */
    setAlarm(at: number): Promise<void>;
  };
}

const conflict = (): Response => new Response(null, { status: CONFLICT_STATUS });

/** Keys are forgotten at most this long after their time, so that an object does not wake for each of them. */
const CLEANING_MS = 60 * 60 * 1000;

/**
 * The class of Durable Objects that keep the log of all changes of an index and order writes. It needs SQLite
 * (`new_sqlite_classes`). Sets stay until they are trimmed, and keys for a day. Only a binding leads to an object, so it requires
 * no token.
 *
 * @example
 * export { IndexLog, default } from "midx/live";
 */
export class IndexLog {
  readonly #state: LogState;
  readonly #log: LogStorage;

  /**
   * Only the runtime makes these objects.
   *
   * @param state the state of the object
   */
  constructor(state: LogState) {
    this.#state = state;
    this.#log = new LogStorage(state.storage.sql);
  }

  /**
   * Answers the isolates that read and write the log.
   *
   * @param request the request
   * @returns the answer
   *
   * @example
   * const page = await env.LOG.get(env.LOG.idFromName("words")).fetch(new Request("https://log.invalid/read?after=0"));
   */
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string, byDefault = 0): number => Number(searchParams.get(name) ?? byDefault);
    if (pathname === APPEND_PATH) {
      const seen = { after: number("after"), room: number("room", Number.POSITIVE_INFINITY) };
      return this.#append(request, searchParams, seen);
    }
    if (pathname === READ_PATH) {
      return new Response(encodePage(this.#log.read(number("after"), number("maxBytes", LOG_PAGE_BYTES))));
    }
    if (pathname === FIND_PATH) {
      const call = Object.fromEntries(searchParams) as unknown as KeyedCall;
      const found = this.#log.find(call, Date.now());
      return found === undefined ? conflict() : Response.json(found);
    }
    if (pathname === METADATA_PATH) {
      const labels: string[] = await request.json();
      const texts = this.#log.metadata(labels);
      return new Response(`[${labels.map((label) => texts.get(label) ?? "null").join()}]`);
    }
    if (pathname !== TRIM_PATH) return new Response(`${pathname} is nothing that a log answers`, { status: 404 });
    this.#state.storage.transactionSync(() => this.#log.trim(number("upTo")));
    return new Response(null, { status: 204 });
  }

  /**
   * Forgets keys that are too old to count.
   *
   * @returns once the next time is set
   *
   * @example
   * await indexLog.alarm();
   */
  async alarm(): Promise<void> {
    const now = Date.now();
    const oldest = this.#state.storage.transactionSync(() => this.#log.forgetKeys(now));
    if (oldest !== undefined) await this.#state.storage.setAlarm(Math.max(oldest + KEY_LIFE_MS, now + CLEANING_MS));
  }

  async #append(request: Request, search: URLSearchParams, seen: SeenSets): Promise<Response> {
    const set = new Uint8Array(await request.arrayBuffer());
    const { digest = await sha256(set), ...call } = Object.fromEntries(search) as Partial<KeyedCall>;
    const now = Date.now();
    const { storage } = this.#state;
    const { head } = this.#log;
    if (head < seen.after) return new Response(String(head), { status: OTHER_LOG_STATUS });
    const appended = storage.transactionSync(() => this.#log.append(set, digest, { ...call, ...seen }, now));
    if (appended === undefined) return conflict();
    if (call.key !== undefined) await this.#wakeBy(now + KEY_LIFE_MS);
    return Response.json(appended);
  }

  /** An alarm that is later than the keys of now need was set by a clock that was ahead. */
  async #wakeBy(at: number): Promise<void> {
    const due = await this.#state.storage.getAlarm();
    if (due === null || due > at) await this.#state.storage.setAlarm(at);
  }
}
