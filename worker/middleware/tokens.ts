import type { Context } from "hono";
import { Problem } from "../contract/problem.ts";
import type { Host } from "../host/host.ts";
import { networkOf } from "./network.ts";

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
/** The length of a SHA-256 digest, in bytes. */
const DIGEST_BYTES = 32;

/** The caller of a request. */
export interface Caller {
  /** The key that limits count a request towards: the first bytes of its token's digest, or its network. */
  readonly key: string;
  /** True if the request has a known token, or the service has no tokens. */
  readonly isAdmitted: boolean;
}

/**
 * Identifies the caller without refusing anyone. Requests without a known token count towards their network, all others
 * towards their token.
 */
export async function identifyCaller(c: Context, host: Host): Promise<Caller> {
  const { tokens } = host.settings(c);
  const token = tokens.length > 0 ? tokenOf(c) : undefined;
  const position = token === undefined ? -1 : positionOf(await digest(token), tokens);
  return {
    key: position < 0 ? networkOf(host.address(c)) : `token ${tokens[position]?.slice(0, 8)}`,
    isAdmitted: tokens.length === 0 || position >= 0,
  };
}

/** Refuses requests whose bearer token has none of the digests. A service without digests accepts every request. */
export function requireToken(c: Context, { isAdmitted }: Caller): void {
  if (isAdmitted) return;
  c.header("www-authenticate", "Bearer");
  throw new Problem(
    "unauthorized",
    `authorization expected a known bearer token, got ${tokenOf(c) === undefined ? "none" : "one that is unknown or has no right to this"}`,
  );
}

/**
 * The position of `digest` among the digests, or −1.
 *
 * The settings hold SHA-256 digests, so reading them reveals no token. The comparison visits every byte of every digest, so
 * its time reveals nothing.
 */
export function positionOf(digest: Uint8Array, digests: readonly Uint8Array[]): number {
  let position = -1;
  for (const [i, known] of digests.entries()) {
    let difference = (known.length ^ DIGEST_BYTES) | (digest.length ^ DIGEST_BYTES);
    for (let byte = 0; byte < DIGEST_BYTES; byte++) difference |= (known[byte] ?? 0) ^ (digest[byte] ?? 0);
    if (difference === 0) position = i;
  }
  return position;
}

/** The bearer token of a request. Undefined without one. */
export const tokenOf = (c: Context): string | undefined => BEARER.exec(c.req.header("authorization") ?? "")?.[1];

/** The SHA-256 of a text. */
export async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
