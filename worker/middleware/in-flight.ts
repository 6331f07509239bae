import type { MiddlewareHandler } from "hono";
import { MAX_ARRIVING_BYTES } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import type { Host } from "../host/host.ts";
import type { Settings } from "../host/settings.ts";

declare module "hono" {
  interface ContextVariableMap {
    underWay: UnderWay;
  }
}

/** In Workers a request whose client has gone may end without a word. Its slot is free this long after its body was due, ms. */
const ABANDONED_MS = 30_000;

/** A request that has passed the guards and has no answer yet. */
export interface UnderWay {
  readonly caller: string;
  /** When its body has to be complete, in milliseconds of `Date.now()`. */
  readonly bodyDue: number;
  isReading: boolean;
  /** Another request has taken its slot. */
  isShed: boolean;
  /** Bytes of its body that have been counted so far. */
  byteLength: number;
  /** Counts bytes of its body. Bodies that are still arriving have to go where all of them together take too much memory. */
  received(byteLength: number): void;
}

/**
 * The requests under way, the oldest first. Those whose body is still arriving hold a slot only as long as nobody else
 * needs it: otherwise a few hundred clients that send a byte now and then would lock everybody else out.
 */
export class InFlight {
  readonly #requests = new Set<UnderWay>();

  get count(): number {
    this.#forgetAbandoned();
    return this.#requests.size;
  }

  /** @throws Problem where all slots are taken by requests whose body is complete */
  enter(caller: string, { maxInFlight, bodySeconds }: Settings): UnderWay {
    if (this.count >= maxInFlight && !this.#shed(() => 1)) {
      throw new Problem("overloaded", `${this.count} requests are under way already`);
    }
    const request: UnderWay = {
      caller,
      bodyDue: Date.now() + 1000 * bodySeconds,
      isReading: false,
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

  leave(request: UnderWay): void {
    this.#requests.delete(request);
  }

  /** Takes the slot of the oldest arriving body of the caller whose bodies weigh most together. */
  #shed(weight: (request: UnderWay) => number): boolean {
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

/** Gives each request a slot, or refuses it before its body is read. */
export function limitInFlight(host: Host, inFlight: InFlight): MiddlewareHandler {
  return async (c, next) => {
    const request = inFlight.enter(c.get("caller"), host.settings(c));
    c.set("underWay", request);
    try {
      await next();
    } finally {
      inFlight.leave(request);
    }
  };
}
