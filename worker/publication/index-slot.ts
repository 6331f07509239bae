import { ageOf } from "./age-of.ts";
import type { Loaded } from "./open-publication.ts";

/** The interval in ms at which a request checks whether another one has finished loading. */
const POLL_MS = 5;
/** After this many ms a load has died with its request: `waitUntil` keeps a request alive for at most 30 s. */
const ABANDONED_MS = 30_000;
/** The delay in ms after the first failure. Each further failure in a row doubles it, up to the maximum. */
const BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8_000;

type State =
  | { readonly kind: "empty" }
  | { readonly kind: "loading"; readonly since: number }
  | { readonly kind: "ready"; readonly loaded: Loaded }
  | { readonly kind: "failed"; readonly reason: unknown; readonly at: number; readonly waitMs: number };

/**
 * The index of this isolate. The first request that needs it loads it, and a newer index replaces it by one assignment.
 *
 * In Workers a request must not await a promise of another request's I/O: if that request is cancelled, the promise never
 * settles and the second request hangs. So requests share this state and never a promise. One request loads the index,
 * under `keepAlive` so that the load outlives its client. The others poll the state with their own timers, because a load
 * per request would hold the index in memory once per request. Another request takes over an abandoned load. After a
 * failure, requests fail with its reason until a short delay has passed. Then the next request tries again.
 *
 * Once there is an index, requests get it at once. A request in flight keeps its index when a newer one replaces it, and
 * the last such request frees its memory.
 */
export class IndexSlot {
  #state: State = { kind: "empty" };
  #failures = 0;

  /** @throws the reason that `load` rejects with, or during the delay after a failure the reason of that failure */
  async get(load: () => Promise<Loaded>, keepAlive: (loading: Promise<unknown>) => void): Promise<Loaded> {
    for (;;) {
      const state = this.#state;
      if (state.kind === "ready") return state.loaded;
      if (state.kind === "failed" && ageOf(state.at) < state.waitMs) throw state.reason;
      if (state.kind !== "loading" || Date.now() - state.since > ABANDONED_MS) {
        const loading = this.#load(load);
        keepAlive(loading.catch(() => undefined));
        return loading;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  get current(): Loaded | undefined {
    return this.#state.kind === "ready" ? this.#state.loaded : undefined;
  }

  /** Replaces `current` by `next`, unless another index has replaced it in the meantime. */
  replace(current: Loaded, next: Loaded): boolean {
    if (this.current !== current) return false;
    this.#state = { kind: "ready", loaded: next };
    return true;
  }

  async #load(load: () => Promise<Loaded>): Promise<Loaded> {
    const mine: State = { kind: "loading", since: Date.now() };
    this.#state = mine;
    try {
      return this.#keep(await load());
    } catch (reason) {
      if (this.#state === mine) this.#state = { kind: "failed", reason, at: Date.now(), waitMs: this.#nextBackoff() };
      throw reason;
    }
  }

  /** The first load to finish wins. An abandoned load that finishes later is dropped. */
  #keep(loaded: Loaded): Loaded {
    if (this.#state.kind === "ready") {
      loaded.index.dispose();
      return this.#state.loaded;
    }
    this.#failures = 0;
    this.#state = { kind: "ready", loaded };
    return loaded;
  }

  #nextBackoff(): number {
    return Math.min(BACKOFF_MS * 2 ** this.#failures++, MAX_BACKOFF_MS);
  }
}
