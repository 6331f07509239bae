import { PatternRouter } from "hono/router/pattern-router";

type Found<Handler> = ReturnType<PatternRouter<Handler>["match"]>;

/**
 * The router of hono/tiny, which compares each path with the patterns of all routes. This one caches the match for each method
 * and path of a route without parameters, whose number is fixed.
 */
export class RouteTable<Handler> extends PatternRouter<Handler> {
  /** The match for each of these routes. Undefined until a request asks for it. */
  readonly #found = new Map<string, Found<Handler> | undefined>();

  override add(method: string, path: string, handler: Handler): void {
    super.add(method, path, handler);
    for (const key of this.#found.keys()) this.#found.set(key, undefined);
    if (!/[*:?{]/.test(path)) this.#found.set(`${method} ${path}`, undefined);
  }

  /** True for a method and path of a route without parameters. */
  has(method: string, path: string): boolean {
    return this.#found.has(`${method} ${path}`);
  }

  override match(method: string, path: string): Found<Handler> {
    const key = `${method} ${path}`;
    const known = this.#found.get(key);
    if (known) return known;
    const found = super.match(method, path);
    if (this.#found.has(key)) this.#found.set(key, found);
    return found;
  }
}
