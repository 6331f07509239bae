import type { MiddlewareHandler } from "hono";
import type { Host } from "../host.ts";
import { Problem } from "../problem.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Whom a rate limit counts a request for: a token's place in the list, or an address. */
    caller: string;
  }
}

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/**
 * Lets a request through whose bearer token has one of the digests, or every request where there are none.
 *
 * Tokens are kept and compared as SHA-256: who reads the settings has no token, and the time of a comparison tells
 * nothing, since all digests are looked at, to their last byte.
 */
export function requireToken(host: Host): MiddlewareHandler {
  return async (c, next) => {
    const { tokens } = host.settings(c);
    if (tokens.length > 0) {
      const token = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
      const place = token === undefined ? -1 : placeOf(await digest(token), tokens);
      if (place < 0) {
        c.header("www-authenticate", "Bearer");
        throw new Problem(
          "unauthorized",
          `authorization expected a bearer token, got ${token ? "another one" : "none"}`,
        );
      }
      c.set("caller", `token ${place}`);
    }
    await next();
  };
}

async function digest(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
}

/** Where `given` is among the digests, −1 where it is not. */
function placeOf(given: Uint8Array, digests: readonly Uint8Array[]): number {
  let place = -1;
  for (const [i, known] of digests.entries()) {
    let difference = 0;
    for (let byte = 0; byte < known.length; byte++) difference |= (known[byte] as number) ^ (given[byte] as number);
    if (difference === 0) place = i;
  }
  return place;
}
