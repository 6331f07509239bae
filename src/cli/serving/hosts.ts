import { isIP } from "node:net";
import { InvalidArgumentError } from "commander";
import type { Fetch } from "./page-files.ts";
import { refuse } from "./refusal.ts";

/** A name and, behind a colon, a port. A port that is left out stands for every port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
/** A `Host` without a port means this one. */
const HTTP_PORT = 80;
const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const WILDCARDS = ["0.0.0.0", "::"];

/** Where a server listens. */
export interface Bound {
  /** As it was asked for: a name or an address. */
  readonly host: string;
  /** As it turned out. */
  readonly address: string;
  readonly port: number;
}

/** An argument of `--allow-host`, after those before it. */
export function allowedHost(text: string, before: readonly string[] = []): string[] {
  const host = text.toLowerCase();
  if (HOST.test(host)) return [...before, host];
  throw new InvalidArgumentError('Expected a host with or without a port, such as "midx.example" or "10.0.0.5:8787".');
}

/**
 * Says whether a `Host` means this server. A page from elsewhere can make its own name lead to this machine (DNS
 * rebinding), and the browser then lets it read the answers. It can't do so to an address, so a server that listens on all
 * addresses answers by any of them.
 */
export function hostCheck({ host, address, port }: Bound, allowed: readonly string[]): (given: string) => boolean {
  const names = [...LOCAL_NAMES, bracketed(host.toLowerCase()), bracketed(address)];
  const known = new Set([...names.map((name) => `${name}:${port}`), ...allowed]);
  return (given) => {
    const [, name = "", text] = HOST.exec(given.toLowerCase()) ?? [];
    const givenPort = Number(text ?? HTTP_PORT);
    if (known.has(name) || known.has(`${name}:${givenPort}`)) return true;
    return WILDCARDS.includes(address) && givenPort === port && isIP(name.replace(/^\[|\]$/g, "")) > 0;
  };
}

/** Answers requests for other hosts with 421. A request's target can name a host as well, and is held to the same list. */
export function withHosts(fetch: Fetch, isAllowed: (host: string) => boolean): Fetch {
  return (request, env) => {
    const wrong = [request.headers.get("host") ?? "", new URL(request.url).host].find((host) => !isAllowed(host));
    return wrong === undefined ? fetch(request, env) : misdirected(wrong.slice(0, 255));
  };
}

const MISDIRECTED = { code: "misdirected", status: 421, title: "The request is for another host" };

function misdirected(host: string): Response {
  const remedy = HOST.test(host.toLowerCase()) ? `: "--allow-host ${host}" makes it answer` : "";
  const detail = `this server does not answer for the host "${host}"${remedy}`;
  return refuse(MISDIRECTED, detail, { "cache-control": "no-store" });
}

/** As an address stands in a URL. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** Whether only this machine reaches an address. */
export const isLoopback = (address: string): boolean => address === "::1" || /^(::ffff:)?127\./.test(address);
