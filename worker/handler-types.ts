/** The part of a Worker's ExecutionContext that keeps work alive after the response. */
export interface HandlerContext {
  /**
   * Keeps the isolate alive until the work has ended.
   *
   * @param work the work, such as the check for a newer index
   *
   * @example
   * context.waitUntil(Promise.resolve());
   */
  waitUntil(work: Promise<unknown>): void;
}

/** A Worker, or the part of one that answers midx's routes. */
export interface Handler<Env> {
  /**
   * Answers a request. Failures are error responses (RFC 9457), in Vectorize's own form on its paths.
   *
   * @param request the request
   * @param env the bindings and variables of the Worker
   * @param context keeps work alive after the response; without it the runtime may end that work early
   * @returns the response
   *
   * @example
   * const midx = createHandler((env: Env) => publishedAt(inBucket(env.INDEX), "words/current.json"));
   * const response = await midx.fetch(request, env, context);
   */
  readonly fetch: (request: Request, env: Env, context?: HandlerContext) => Promise<Response>;
}
