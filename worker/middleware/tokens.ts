import type { Context, MiddlewareHandler } from "hono";
import { Problem } from "../contract/problem.ts";
import type { Host } from "../host/host.ts";
import { networkOf } from "./network.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** By what limits count a request: the place of its token in the list, or where it comes from. */
    caller: string;
    /** Whether the request may be answered. */
    isAdmitted: boolean;
  }
}

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
/** Bytes of a SHA-256 digest. */
const DIGEST_BYTES = 32;

/**
 * Says who calls, and refuses nobody yet: the rate limit comes first, so that it meets requests without a known token
 * too. Those count for their address, all others for their token.
 */
export function identifyCaller(host: Host): MiddlewareHandler {
  return async (c, next) => {
    const { tokens } = host.settings(c);
    const token = tokens.length > 0 ? tokenOf(c) : undefined;
    const place = token === undefined ? -1 : placeOf(await digest(token), tokens);
    c.set("caller", place < 0 ? networkOf(host.address(c)) : `token ${place}`);
    c.set("isAdmitted", tokens.length === 0 || place >= 0);
    await next();
  };
}

/** Lets a request through whose bearer token has one of the digests, or every request where there are none. */
export const requireToken: MiddlewareHandler = (c, next) => {
  if (c.get("isAdmitted")) return next();
  c.header("www-authenticate", "Bearer");
  throw new Problem(
    "unauthorized",
    `authorization expected a bearer token, got ${tokenOf(c) === undefined ? "none" : "another one"}`,
  );
};

/**
 * Where `given` is among the digests, −1 where it is not.
 *
 * Tokens are kept and compared as SHA-256: who reads the settings has no token. All digests are looked at, to their last
 * byte, so the time of a comparison tells nothing.
 */
export function placeOf(given: Uint8Array, digests: readonly Uint8Array[]): number {
  let place = -1;
  for (const [i, known] of digests.entries()) {
    let difference = (known.length ^ DIGEST_BYTES) | (given.length ^ DIGEST_BYTES);
    for (let byte = 0; byte < DIGEST_BYTES; byte++) difference |= (known[byte] ?? 0) ^ (given[byte] ?? 0);
    if (difference === 0) place = i;
  }
  return place;
}

const tokenOf = (c: Context): string | undefined => BEARER.exec(c.req.header("authorization") ?? "")?.[1];

async function digest(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
}
