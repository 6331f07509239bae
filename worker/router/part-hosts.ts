/** Parts that are asked together: one, or several behind a router. */
export interface RoutedParts {
  /** The numbers of the parts in the manifest, ascending. */
  readonly numbers: readonly number[];
  /** The place of the first of them among all parts, from 0. */
  readonly place: number;
  /** The generation of the manifest. */
  readonly generation: string;
  /** The number of hosts that serve each of them, by the manifest. */
  readonly replicas: number;
}

/** A service that answers for parts. */
export interface PartHost {
  /**
   * Sends a request.
   *
   * @param request the request, whose URL may have any host if a binding leads to the service
   * @returns the response
   *
   * @example
   * const host: PartHost = { fetch: (request) => env.PART_0.fetch(request) };
   */
  fetch(request: Request): Promise<Response>;
  /** The origin of the service, such as "https://part-3.example.com". Default: a name for a binding, which needs none. */
  readonly origin?: string;
  /** The token that its host requires of routers. Default none. */
  readonly token?: string | undefined;
}

/** Returns the hosts of parts, any of which answers with the same bits. The first is asked first. */
export type HostsOf<Env> = (env: Env, parts: RoutedParts) => readonly PartHost[];

/** The part of Workers' binding of Durable Objects that the router uses. */
export interface PartNamespace {
  /**
   * Returns the id of the object with a name.
   *
   * @param name the name
   * @returns the id, for `get`
   *
   * @example
   * const id = env.PARTS.idFromName("words");
   */
  idFromName(name: string): unknown;
  /**
   * Returns an object.
   *
   * @param id its id
   * @returns the object, which answers requests
   *
   * @example
   * const object = env.PARTS.get(env.PARTS.idFromName("words"));
   */
  get(id: unknown): {
    /**
     * Sends a request to the object.
     *
     * @param request the request
     * @returns its response
     *
     * @example
     * const response = await env.PARTS.get(env.PARTS.idFromName("words")).fetch(new Request("https://part.invalid/healthz"));
     */
    fetch(request: Request): Promise<Response>;
  };
}

/**
 * Returns the hosts of parts at URLs. Only these are asked: no manifest can name others, and an answer that leads elsewhere is
 * refused.
 *
 * @param origins for each part or group of parts the origins of its replicas, in the order of the manifest
 * @param parts what a router asks for
 * @param token the token that the hosts require
 * @returns one host for each replica; none if there is no entry
 *
 * @example
 * const origins = [["https://part-0.example.com"], ["https://part-1.example.com", "https://part-1b.example.com"]];
 * export default createRouter((env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json"), {
 *   hosts: (env, parts) => atOrigins(origins, parts, env.PART_TOKEN),
 * });
 */
export function atOrigins(
  origins: readonly (readonly string[])[],
  { place }: RoutedParts,
  token?: string | undefined,
): PartHost[] {
  return (origins[place] ?? []).map((origin) => ({ origin, token, fetch: (request) => fetch(request) }));
}
