/**
 * Hosts of the parts of a large index, which routers of midx/router ask: {@link createPart} makes a Worker that serves one part
 * behind a service binding, and {@link partObject} the class of Durable Objects that serve one each. docs/scale-out.md shows the
 * whole.
 *
 * @module
 */
import type { Context } from "hono";
import type { Question } from "../src/parts/index.ts";
import { MESSAGE_VERSION } from "../src/parts/message.ts";
import { load } from "../src/workerd.ts";
import { memoized } from "./environment/memoized.ts";
import type { Handler, HandlerContext } from "./handler-types.ts";
import { requireFunctions } from "./host/require-functions.ts";
import { type ServiceOptions, settingsOf } from "./host/settings.ts";
import { type PartChanges, takingBy } from "./live/parts/take-changes.ts";
import type { Watch } from "./middleware/watch.ts";
import { noContext } from "./no-context.ts";
import { answeringPart, checkPartNumber, createPartService } from "./part-service.ts";
import type { AnsweringPart } from "./parts/answering-part.ts";
import type { AskedParts } from "./parts/asked-parts.ts";
import { answerCall, type CallAnswer, type CalledObject, type PartCall } from "./parts/part-calls.ts";
import { PartKeeper } from "./parts/part-keeper.ts";
import type { PublishedManifest } from "./publication/manifest-at.ts";
import type { Publisher } from "./publication/publication.ts";

export type { Handler, HandlerContext } from "./handler-types.ts";
export type { EventSink, RateLimiter, ServiceBindings, ServiceOptions } from "./host/settings.ts";
export { type PartChanges, type TakeChangesOptions, takeChanges } from "./live/parts/take-changes.ts";
export { manifestAt, type PublishedManifest } from "./publication/manifest-at.ts";
export type { Publication, PublishedCanary, Publisher } from "./publication/publication.ts";
export type { Assets, Bucket, Found, KeyValues, Store } from "./publication/store.ts";
export { inAssets, inBucket, inKeyValues } from "./publication/stores.ts";

/** Options of {@link createPart}. */
export interface PartHandlerOptions<Env> extends ServiceOptions {
  /** The number of the part in the manifest. */
  readonly number: number | ((env: Env) => number);
  /** `takeChanges()`: the part takes changes from its router. Default: it takes none. */
  readonly changes?: PartChanges;
}

interface Call<Env> {
  readonly env: Env;
  readonly context: HandlerContext;
}

/**
 * Creates a Worker that serves one part, for a service binding of a router. Give it no route of its own, or `tokens`: a part
 * answers only its router.
 *
 * @param manifestOf returns the publisher of the manifest
 * @param options the number of the part, and the limits and tokens of the service
 * @returns the handler, to export as the Worker
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * export default createPart((env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json"), { number: 3 });
 */
export function createPart<Env>(
  manifestOf: (env: Env) => Publisher<PublishedManifest>,
  { number, changes, ...options }: PartHandlerOptions<Env>,
): Handler<Env> {
  requireFunctions({ manifestOf });
  const settings = settingsOf(options);
  const taking = changes && takingBy(changes);
  const callOf = (c: Context): Call<Env> => c.env;
  const numberOf = memoized((env: Env) => checkPartNumber(typeof number === "function" ? number(env) : number));
  if (typeof number !== "function") checkPartNumber(number);
  const app = createPartService(load, {
    publisher: (c) => manifestOf(callOf(c).env),
    number: (c) => numberOf(callOf(c).env),
    settings: () => settings,
    keepAlive: (c, work) => callOf(c).context.waitUntil(work),
    address: () => "router",
    ...(taking && { changes: taking }),
  });
  return {
    fetch: async (request, env, context = noContext) => app.fetch(request, { env, context } satisfies Call<Env>),
  };
}

/** Only a router sends bodies to an object, each at once. A timer for each of them would take longer than their arrival. */
const withoutWatch: Watch = () => () => undefined;

/** The class of Durable Objects that serve a part each. */
export type PartObject<Env> = new (
  state: HandlerContext,
  env: Env,
) => {
  /**
   * Answers a router.
   *
   * @param request the request
   * @returns the answer
   *
   * @example
   * const response = await env.PARTS.get(env.PARTS.idFromName("words")).fetch(new Request("https://part.invalid/healthz"));
   */
  fetch(request: Request): Promise<Response>;
};

/** Options of {@link partObject}. */
export interface PartObjectOptions<Env>
  extends Omit<ServiceOptions, "tokens">,
    Pick<PartHandlerOptions<Env>, "changes"> {
  /**
   * The class `DurableObject` of `cloudflare:workers`. Routers then ask the objects by calls, which take a quarter less time than
   * requests. Default: by requests.
   */
  readonly base?: abstract new (
    state: never,
    env: never,
  ) => object;
}

/**
 * Creates the class of Durable Objects that serve parts. Each object serves the part and the generation that a router asks it
 * for, so only the router chooses them by name. Only a binding leads to an object, so it requires no token.
 *
 * @param manifestOf returns the publisher of the manifest
 * @param options the base class, and the limits of the service
 * @returns the class, to export under the name in wrangler.toml
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * const manifestOf = (env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json");
 * export const Part = partObject(manifestOf, { base: DurableObject }); // of "cloudflare:workers"
 */
export function partObject<Env>(
  manifestOf: (env: Env) => Publisher<PublishedManifest>,
  { base, changes, ...options }: PartObjectOptions<Env> = {},
): PartObject<Env> {
  requireFunctions({ manifestOf, ...(base && { base }) });
  const settings = settingsOf(options);
  const taking = changes && takingBy(changes);
  const calls = base && MESSAGE_VERSION;
  const Base = (base ?? Object) as new (state: HandlerContext, env: Env) => object;
  return class extends Base implements CalledObject {
    readonly #fetch: (request: Request) => Promise<Response>;
    readonly #find: (asked: AskedParts) => Promise<AnsweringPart>;

    constructor(state: HandlerContext, env: Env) {
      super(state, env);
      const keepAlive = (work: Promise<unknown>): void => state.waitUntil(work);
      const keeper = new PartKeeper(load, undefined, taking);
      const publisher = () => manifestOf(env);
      this.#find = (asked) => answeringPart(keeper, asked, undefined, { publisher: publisher(), keepAlive });
      const service = {
        publisher,
        number: () => undefined,
        settings: () => settings,
        keepAlive: (_: unknown, work: Promise<unknown>) => keepAlive(work),
        address: () => "router",
        watch: withoutWatch,
        ...(taking && { changes: taking }),
        ...(calls !== undefined && { calls }),
      };
      const app = createPartService(load, service, keeper);
      this.#fetch = async (request) => app.fetch(request);
    }

    fetch(request: Request): Promise<Response> {
      return this.#fetch(request);
    }

    answer(call: PartCall, questions: readonly Question[]): Promise<CallAnswer> {
      return answerCall(call, questions, this.#find);
    }
  };
}
