import type { Loaded } from "./open-publication.ts";

/** How often a request looks whether another one has finished loading, ms. */
const POLL_MS = 5;
/** A load that says nothing for this long died with its request (`waitUntil` keeps one alive for 30 s at most), ms. */
const ABANDONED_MS = 30_000;
/** Wait after the first failure in a row, doubled by each further one up to the cap, ms. */
const BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8_000;

type State =
  | { readonly kind: "empty" }
  | { readonly kind: "loading"; readonly since: number }
  | { readonly kind: "ready"; readonly loaded: Loaded }
  | { readonly kind: "failed"; readonly reason: unknown; readonly retryAt: number };

/**
 * The index of this isolate, loaded by the first request that needs it, and replaced by one reference.
 *
 * In Workers a request must not await a promise that stands for another request's I/O: if that request is cancelled,
 * the promise never settles and the second one hangs. So requests share this state, never a promise: one loads, under
 * `keepAlive` so that it outlives its client; the others look at the state with timers of their own, because a load
 * each would hold the index in memory once per request. An abandoned load is taken over.
 * A failure is remembered for a short while only: the next request after it tries again.
 * Once there is an index, requests get it at once; those under way keep the one they got when another takes its place,
 * and its memory goes with the last of them.
 */
export class IndexSlot {
  #state: State = { kind: "empty" };
  #failures = 0;

  /** @throws what `load` rejects with, or what it last rejected with while the back-off runs */
  async get(load: () => Promise<Loaded>, keepAlive: (loading: Promise<unknown>) => void): Promise<Loaded> {
    for (;;) {
      const state = this.#state;
      if (state.kind === "ready") return state.loaded;
      if (state.kind === "failed" && Date.now() < state.retryAt) throw state.reason;
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

  /** Puts `next` in the place of `current`, unless something else has taken it meanwhile. */
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
      if (this.#state === mine) this.#state = { kind: "failed", reason, retryAt: Date.now() + this.#nextBackoff() };
      throw reason;
    }
  }

  /** The first load to finish wins; an abandoned one that comes back later is dropped. */
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
