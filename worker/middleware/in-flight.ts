import { MAX_ARRIVING_BYTES } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { Settings } from "../host/settings.ts";
import { type Watch, watchAlone } from "./watch.ts";

declare module "hono" {
  interface ContextVariableMap {
    inFlightRequest: InFlightRequest;
  }
}

/** In Workers a request whose client has gone may end silently. Its slot is freed this long after its body was due, in ms. */
const ABANDONED_MS = 30_000;

/** A request in flight: it has passed the guards and has no response yet. */
export interface InFlightRequest {
  readonly caller: string;
  /** The deadline of its body, in milliseconds of `Date.now()`. */
  readonly bodyDue: number;
  isReading: boolean;
  /** Looks at its body while it arrives. */
  readonly watch: Watch;
  /** True once another request has taken its slot. */
  isShed: boolean;
  /** The bytes of its body that have arrived so far. */
  byteLength: number;
  /** Counts bytes of its body, and sheds arriving bodies while all bodies together take too much memory. */
  received(byteLength: number): void;
}

/**
 * The requests in flight, oldest first. A request whose body is still arriving keeps its slot only until another request
 * needs it. Otherwise a few hundred clients that send a byte now and then would lock out all others.
 */
export class InFlight {
  readonly #requests = new Set<InFlightRequest>();
  readonly #watch: Watch;

  constructor(watch: Watch = watchAlone) {
    this.#watch = watch;
  }

  get count(): number {
    this.#forgetAbandoned();
    return this.#requests.size;
  }

  /** @throws Problem if requests with complete bodies hold all slots */
  enter(caller: string, { maxInFlight, bodySeconds }: Settings): InFlightRequest {
    if (this.count >= maxInFlight && !this.#shed(() => 1)) {
      throw new Problem("overloaded", `${this.count} requests are in flight: retry later`);
    }
    const request: InFlightRequest = {
      caller,
      bodyDue: Date.now() + 1000 * bodySeconds,
      isReading: false,
      watch: this.#watch,
      isShed: false,
      byteLength: 0,
      received: (byteLength) => {
        request.byteLength += byteLength;
        while (this.#arrivingBytes() > MAX_ARRIVING_BYTES && this.#shed((other) => other.byteLength));
      },
    };
    this.#requests.add(request);
    return request;
  }

  leave(request: InFlightRequest): void {
    this.#requests.delete(request);
  }

  /** Frees the slot of the oldest arriving body of the caller whose bodies have the largest total weight. */
  #shed(weight: (request: InFlightRequest) => number): boolean {
    const arriving = [...this.#requests].filter((request) => request.isReading && weight(request) > 0);
    const weights = new Map<string, number>();
    for (const request of arriving) {
      weights.set(request.caller, (weights.get(request.caller) ?? 0) + weight(request));
    }
    const heaviest = Math.max(...weights.values());
    const shed = arriving.find(({ caller }) => weights.get(caller) === heaviest);
    if (!shed) return false;
    shed.isShed = true;
    return this.#requests.delete(shed);
  }

  #arrivingBytes(): number {
    let sum = 0;
    for (const { byteLength } of this.#requests) sum += byteLength;
    return sum;
  }

  #forgetAbandoned(): void {
    for (const request of this.#requests) {
      if (Date.now() < request.bodyDue + ABANDONED_MS) return;
      this.#requests.delete(request);
    }
  }
}
