import { checkFlag, checkNumber } from "../../src/internal.ts";
import { BODY_SECONDS, DEFAULT_MAX_WORK, MAX_IN_FLIGHT } from "../contract/limits.ts";

/** How a service answers, whatever index it has. */
export interface ServiceOptions {
  /** Multiply-adds that one request may ask for, counted from above before it runs. Default 100 million. */
  readonly maxWork?: number;
  /** Requests under way at once; those beyond take the place of a body that is still arriving, or get a 503. Default 256. */
  readonly maxInFlight?: number;
  /** Seconds that the body of a request may take to arrive. Default 30. */
  readonly bodySeconds?: number;
  /**
   * SHA-256 digests, hex, of the bearer tokens that `/v1/…` and `/metrics` take. A service without this option is open to
   * everyone. An empty list is refused, since it is more often a secret that is missing than an open door.
   */
  readonly tokens?: readonly string[];
  /** Origins of pages that may call, as browsers send them, or "*". Default none. */
  readonly origins?: readonly string[];
  /** Seconds between looks for a newer index; 0 never looks. Default 60. */
  readonly refreshSeconds?: number;
  /** Share of estimates that are computed again exactly, after their answer, from 0 to 1. Default 0. */
  readonly auditRate?: number;
  /** Prints every answer of `/v1/sample` as a line of JSON with its log Q, never the vector. Default false. */
  readonly logDraws?: boolean;
}

/** What a service is bound to. */
export interface ServiceBindings {
  readonly rateLimiter?: RateLimiter | undefined;
  readonly events?: EventSink | undefined;
}

/** Workers' rate limit binding. */
export interface RateLimiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** Workers' Analytics Engine. */
export interface EventSink {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

/** The options, checked and with their defaults, and the bindings. */
export interface Settings extends ServiceBindings {
  readonly maxWork: number;
  readonly maxInFlight: number;
  readonly bodySeconds: number;
  /** (count) of 32 bytes. */
  readonly tokens: readonly Uint8Array[];
  readonly origins: readonly string[];
  readonly refreshSeconds: number;
  readonly auditRate: number;
  readonly logDraws: boolean;
}

const MAX_REFRESH_SECONDS = 86_400;
const DEFAULT_REFRESH_SECONDS = 60;
const MAX_BODY_SECONDS = 600;
const MAX_MAX_IN_FLIGHT = 65_536;

export const OPTIONS: readonly (keyof ServiceOptions)[] = [
  ...(["maxWork", "maxInFlight", "bodySeconds", "refreshSeconds", "auditRate"] as const),
  ...(["tokens", "origins", "logDraws"] as const),
];

/** @throws TypeError or RangeError that names the option */
export function settingsOf(options: ServiceOptions = {}, bindings: ServiceBindings = {}): Settings {
  const unknown = Object.keys(options).find((name) => !(OPTIONS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new TypeError(`"${unknown}" expected one of the options ${OPTIONS.join(", ")}`);
  const { maxWork = DEFAULT_MAX_WORK, maxInFlight = MAX_IN_FLIGHT, bodySeconds = BODY_SECONDS } = options;
  const { refreshSeconds = DEFAULT_REFRESH_SECONDS, auditRate = 0, origins = [] } = options;
  return {
    maxWork: checkNumber("maxWork", maxWork, 1, Number.MAX_SAFE_INTEGER),
    maxInFlight: checkNumber("maxInFlight", maxInFlight, 1, MAX_MAX_IN_FLIGHT),
    bodySeconds: checkNumber("bodySeconds", bodySeconds, 1, MAX_BODY_SECONDS),
    tokens: "tokens" in options ? digestsOf(options.tokens) : [],
    origins: checkOrigins(origins),
    refreshSeconds: checkNumber("refreshSeconds", refreshSeconds, 0, MAX_REFRESH_SECONDS),
    auditRate: checkNumber("auditRate", auditRate, 0, 1),
    logDraws: checkFlag("logDraws", options.logDraws),
    ...bindings,
  };
}

/** Whoever mentions tokens wants the service closed, even where the secret turns out to be missing or empty. */
function digestsOf(tokens: unknown): Uint8Array[] {
  if (Array.isArray(tokens) && tokens.length > 0) return tokens.map(digestOf);
  throw new TypeError(
    `"tokens" expected a list of SHA-256 digests that is not empty; to open the service, leave it out`,
  );
}

/** As browsers send them: a scheme, a host in small letters, a port unless it is the scheme's own, and no path. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\sA-Z*/?#@]+$/;

function checkOrigins(origins: readonly string[]): readonly string[] {
  if (!Array.isArray(origins)) throw new TypeError(`"origins" expected a list`);
  if (origins.length === 1 && origins[0] === "*") return origins;
  const wrong = origins.findIndex((origin) => !ORIGIN.test(origin));
  if (wrong < 0) return origins;
  throw new RangeError(
    `"origins[${wrong}]" expected an origin such as "https://example.com", or "*" alone, got "${origins[wrong]}"`,
  );
}

/** The text is a digest of a secret, or the secret itself where someone mistook it: it isn't repeated. */
function digestOf(hex: unknown, i: number): Uint8Array {
  if (typeof hex !== "string" || !/^[0-9a-f]{64}$/i.test(hex))
    throw new RangeError(`"tokens[${i}]" expected a SHA-256 digest, 64 hex digits`);
  return Uint8Array.from({ length: 32 }, (_, byte) => Number.parseInt(hex.slice(2 * byte, 2 * byte + 2), 16));
}
