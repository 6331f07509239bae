import {
  type Appended,
  type AppendOptions,
  type ChangeLog,
  KeyConflictError,
  type KeyedCall,
  LOG_PAGE_BYTES,
  type LogPage,
  OtherLogError,
  UnseenSetsError,
} from "../../src/publication/change-log.ts";
import {
  appendRequest,
  CONFLICT_STATUS,
  decodePage,
  findRequest,
  metadataRequest,
  OTHER_LOG_STATUS,
  readRequest,
  trimRequest,
} from "./log-protocol.ts";

/** The part of Workers' binding of Durable Objects that a log needs. */
export interface LogNamespace {
  /**
   * Returns the id of the object with a name.
   *
   * @param name the name
   * @returns the id, for `get`
   *
   * @example
   * const id = env.LOG.idFromName("words");
   */
  idFromName(name: string): unknown;
  /**
   * Returns an object.
   *
   * @param id its id
   * @returns the object, which answers requests
   *
   * @example
   * const object = env.LOG.get(env.LOG.idFromName("words"));
   */
  get(id: unknown): {
    /**
     * Sends a request to the object.
     *
     * @param request the request
     * @returns its response
     *
     * @example
     * const page = await env.LOG.get(env.LOG.idFromName("words")).fetch(new Request("https://log.invalid/read?after=0"));
     */
    fetch(request: Request): Promise<Response>;
  };
}

/**
 * Returns the log in the object of a name.
 *
 * @param namespace the binding of the class `IndexLog`
 * @param name the name of the index, as the Workers that share the log call it
 * @returns the log
 *
 * @example
 * const log = logIn(env.LOG, "words");
 */
export function logIn(namespace: LogNamespace, name: string): ChangeLog {
  /** Asks the object. `key` is that of the call, if it has one. */
  const ask = async (request: Request, key = ""): Promise<Response> => {
    const response = await namespace.get(namespace.idFromName(name)).fetch(request);
    const { ok, status } = response;
    if (ok || status === OTHER_LOG_STATUS) return response;
    const text = await response.text();
    if (status === CONFLICT_STATUS) throw new KeyConflictError(key);
    throw new Error(`its object answered ${status}: ${text.slice(0, 200)}`);
  };
  return {
    async append(set: Uint8Array, options: AppendOptions = {}): Promise<Appended> {
      const response = await ask(appendRequest(set, options), options.key);
      if (!response.ok) throw new OtherLogError(options.after ?? 0, Number(await response.text()));
      const appended: Appended | null = await response.json();
      if (!appended) throw new UnseenSetsError();
      return appended;
    },
    async find(call: KeyedCall): Promise<number | undefined> {
      const found: number = await (await ask(findRequest(call), call.key)).json();
      return found || undefined;
    },
    async read(after: number, maxBytes = LOG_PAGE_BYTES): Promise<LogPage> {
      return decodePage(new Uint8Array(await (await ask(readRequest(after, maxBytes))).arrayBuffer()));
    },
    metadata: async (labels) => (await ask(metadataRequest(labels))).json(),
    async trim(upTo: number): Promise<void> {
      await (await ask(trimRequest(upTo))).body?.cancel();
    },
  };
}
