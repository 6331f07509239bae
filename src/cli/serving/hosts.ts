import { isIP } from "node:net";
import { InvalidArgumentError } from "commander";
import { RepeatedOption } from "../arguments/repeated-option.ts";
import type { Fetch } from "./page-files.ts";
import { refuse } from "./refusal.ts";

/** A name and, after a colon, a port. Without a port, every port is meant. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
/** The port of a `Host` header without one. */
const HTTP_PORT = 80;
/** The length of the longer beginning of a URL, `https://`. */
const SCHEME_LENGTH = 8;
const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const WILDCARDS = ["0.0.0.0", "::"];

/** The host and address on which a server listens. */
export interface Bound {
  /** The value of --host: a name or an address. */
  readonly host: string;
  /** The address to which it resolved. */
  readonly address: string;
  readonly port: number;
}

/** The option for names under which a server answers. */
export const answeredHostOption = () =>
  new RepeatedOption(
    "--allow-host <host>",
    "also answer requests whose Host is this name, at the given port or at any; may be repeated (default: --host and localhost at --port)",
    allowedHost,
  );

function allowedHost(text: string): string {
  const host = text.toLowerCase();
  if (HOST.test(host)) return host;
  throw new InvalidArgumentError('Expected a host with or without a port, such as "midx.example" or "10.0.0.5:8787".');
}

/**
 * Returns a function that tells whether a `Host` header means this server. A foreign page can point its own name to this
 * machine (DNS rebinding), and the browser then lets it read the answers. That is impossible with an address, so a server
 * that listens on all addresses accepts any address.
 */
export function hostCheck({ host, address, port }: Bound, allowed: readonly string[]): (header: string) => boolean {
  const names = [...LOCAL_NAMES, bracketed(host.toLowerCase()), bracketed(address)];
  const known = new Set([...names.map((name) => `${name}:${port}`), ...allowed]);
  return (header) => {
    const [, name = "", text] = HOST.exec(header.toLowerCase()) ?? [];
    const headerPort = Number(text ?? HTTP_PORT);
    if (known.has(name) || known.has(`${name}:${headerPort}`)) return true;
    return WILDCARDS.includes(address) && headerPort === port && isIP(name.replace(/^\[|\]$/g, "")) > 0;
  };
}

/** Answers requests for other hosts with 421. The target of a request can also name a host, which is checked as well. */
export function withHosts(fetch: Fetch, isAllowed: (host: string) => boolean): Fetch {
  // Nearly all requests name the same host, and only the text before the path decides it.
  let lastAllowed = "";
  return (request, env) => {
    const host = request.headers.get("host") ?? "";
    const asked = `${host} ${request.url.slice(0, request.url.indexOf("/", SCHEME_LENGTH))}`;
    if (asked === lastAllowed) return fetch(request, env);
    const wrong = [host, new URL(request.url).host].find((name) => !isAllowed(name));
    if (wrong !== undefined) return misdirected(request, wrong.slice(0, 255));
    lastAllowed = asked;
    return fetch(request, env);
  };
}

const MISDIRECTED = { code: "misdirected", status: 421, title: "The request is for another host" };

function misdirected(request: Request, host: string): Response {
  const remedy = HOST.test(host.toLowerCase()) ? `: --allow-host ${host} allows it` : "";
  const detail = `this server does not answer for the host "${host}"${remedy}`;
  return refuse(request, MISDIRECTED, detail, { "cache-control": "no-store" });
}

/** Writes an address as in a URL. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** Returns whether only this machine can reach an address. */
export const isLoopback = (address: string): boolean => address === "::1" || /^(::ffff:)?127\./.test(address);
