import { checkFlag, checkNumber } from "../../src/internal.ts";
import { BODY_SECONDS, DEFAULT_MAX_WORK, MAX_IN_FLIGHT } from "../contract/limits.ts";

/** Options of the service. None depends on the index. */
export interface ServiceOptions {
  /** Most multiply-adds that one request may need, counted before it runs. A larger one gets a 400. Default 100,000,000. */
  readonly maxWork?: number;
  /**
   * Most requests in flight, 1 to 65,536. A further request displaces one whose body is still arriving, or gets a 503. Default
   * 256.
   */
  readonly maxInFlight?: number;
  /** Seconds that the body of a request may take to arrive, 1 to 600. A slower one gets a 408. Default 30. */
  readonly bodySeconds?: number;
  /**
   * SHA-256 digests, in hex, of the bearer tokens that `/v1/…`, `/client/…`, `/metrics` and `/index.midx` require.
   * Default none: the service is open to everyone. An empty list is refused, because it usually means that a secret is missing.
   */
  readonly tokens?: readonly string[];
  /** Origins of the pages that may call the service, as browsers send them, or "*". Default none. */
  readonly origins?: readonly string[];
  /** Seconds between checks for a newer index, 0 to 86,400. With 0 the Worker never checks. Default 60. */
  readonly refreshSeconds?: number;
  /** The share of estimates, from 0 to 1, that the service recomputes exactly after the response. Default 0. */
  readonly auditRate?: number;
  /** Keeps the vector of each audited query, for `GET /v1/audits`. It may reveal something about a person. Default false. */
  readonly auditQueries?: boolean;
  /** Logs every answer of `/v1/sample` as a line of JSON with its log Q, but without the vector. Default false. */
  readonly logDraws?: boolean;
}

/** Bindings of a Worker that the service uses. */
export interface ServiceBindings {
  /** Decides which requests get a 429. Default none: no request gets one. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Receives an event for each response, audit and refresh. Default none: no events. */
  readonly events?: EventSink | undefined;
}

/** Workers' rate limiting binding. */
export interface RateLimiter {
  /**
   * Counts a request towards the limit of its caller.
   *
   * @param options the key of the caller: a digest of its token, or its address
   * @returns `success: false` if the request exceeds the limit
   *
   * @example
   * const unlimited: RateLimiter = { limit: async () => ({ success: true }) };
   */
  limit(options: {
    /** The caller. */
    readonly key: string;
  }): Promise<{
    /** False if the request exceeds the limit. */
    readonly success: boolean;
  }>;
}

/** Workers' Analytics Engine binding. */
export interface EventSink {
  /**
   * Records an event.
   *
   * @param point the event in the columns of Analytics Engine, which docs/monitoring.md lists
   *
   * @example
   * const log: EventSink = { writeDataPoint: (point) => console.log(JSON.stringify(point)) };
   */
  writeDataPoint(point: {
    /** The sampling key. */
    indexes: string[];
    /** The columns of text. */
    blobs: string[];
    /** The columns of numbers. */
    doubles: number[];
  }): void;
}

/** The checked options with their defaults, and the bindings. */
export interface Settings extends ServiceBindings {
  readonly maxWork: number;
  readonly maxInFlight: number;
  readonly bodySeconds: number;
  /** Digests of 32 bytes each. */
  readonly tokens: readonly Uint8Array[];
  readonly origins: readonly string[];
  readonly refreshSeconds: number;
  readonly auditRate: number;
  readonly auditQueries: boolean;
  readonly logDraws: boolean;
}

const MAX_REFRESH_SECONDS = 86_400;
const DEFAULT_REFRESH_SECONDS = 60;
const MAX_BODY_SECONDS = 600;
const MAX_MAX_IN_FLIGHT = 65_536;

export const OPTIONS: readonly (keyof ServiceOptions)[] = [
  ...(["maxWork", "maxInFlight", "bodySeconds", "refreshSeconds", "auditRate"] as const),
  ...(["tokens", "origins", "auditQueries", "logDraws"] as const),
];

/**
 * Checks the options of the service. `others` are those that its caller has taken already, for the message about an unknown one.
 *
 * @throws TypeError or RangeError that names the option
 */
export function settingsOf(
  options: ServiceOptions = {},
  bindings: ServiceBindings = {},
  others: readonly string[] = [],
): Settings {
  const unknown = Object.keys(options).find((name) => !(OPTIONS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    const known = [...others, ...OPTIONS].join(", ");
    throw new TypeError(`"${unknown}" is not an option of the service: it takes ${known}`);
  }
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
    auditQueries: checkFlag("auditQueries", options.auditQueries),
    logDraws: checkFlag("logDraws", options.logDraws),
    ...bindings,
  };
}

/** A caller that gives tokens wants a closed service, even if the secret turns out to be missing or empty. */
function digestsOf(tokens: unknown): Uint8Array[] {
  if (Array.isArray(tokens) && tokens.length > 0) return tokens.map(digestOf);
  throw new TypeError(
    `"tokens" expected a list of at least one SHA-256 digest; to open the service to everyone, leave it out`,
  );
}

/** An origin as browsers send it: a scheme, a host in lower case, a port unless it is the scheme's default, and no path. */
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

/** The message does not repeat the text: it may be the secret itself, given by mistake. */
function digestOf(hex: unknown, i: number): Uint8Array {
  if (typeof hex !== "string" || !/^[0-9a-f]{64}$/i.test(hex))
    throw new RangeError(`"tokens[${i}]" expected a SHA-256 digest, 64 hex digits`);
  return Uint8Array.from({ length: 32 }, (_, byte) => Number.parseInt(hex.slice(2 * byte, 2 * byte + 2), 16));
}
