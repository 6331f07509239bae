import { checkNumber } from "../src/check.ts";
import { MAX_IN_FLIGHT } from "./limits.ts";
import { DEFAULT_MAX_WORK } from "./work.ts";

/** How a service answers, whatever index it has. */
export interface ServiceOptions {
  /** Multiply-adds that one request may ask for, counted from above before it runs. Default 100 million. */
  readonly maxWork?: number;
  /** Requests under way at once; those beyond get a 503 at once. Default 256. */
  readonly maxInFlight?: number;
  /** SHA-256 digests, hex, of the bearer tokens that `/v1/…` and `/metrics` take. Default none: open to everyone. */
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
  /** (count) of 32 bytes. */
  readonly tokens: readonly Uint8Array[];
  readonly origins: readonly string[];
  readonly refreshSeconds: number;
  readonly auditRate: number;
  readonly logDraws: boolean;
}

const MAX_REFRESH_SECONDS = 86_400;
const DEFAULT_REFRESH_SECONDS = 60;

/** @throws TypeError or RangeError that names the option */
export function settingsOf(options: ServiceOptions = {}, bindings: ServiceBindings = {}): Settings {
  const { maxWork = DEFAULT_MAX_WORK, maxInFlight = MAX_IN_FLIGHT, tokens = [], origins = [] } = options;
  const { refreshSeconds = DEFAULT_REFRESH_SECONDS, auditRate = 0, logDraws = false } = options;
  return {
    maxWork: checkNumber("maxWork", maxWork, 1, Number.POSITIVE_INFINITY),
    maxInFlight: checkNumber("maxInFlight", maxInFlight, 1, Number.POSITIVE_INFINITY),
    tokens: tokens.map(digestOf),
    origins,
    refreshSeconds: checkNumber("refreshSeconds", refreshSeconds, 0, MAX_REFRESH_SECONDS),
    auditRate: checkNumber("auditRate", auditRate, 0, 1),
    logDraws,
    ...bindings,
  };
}

/** The text is a digest of a secret, or the secret itself where someone mistook it: it isn't repeated. */
function digestOf(hex: string, i: number): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new RangeError(`"tokens[${i}]" expected a SHA-256 digest, 64 hex digits`);
  return Uint8Array.from({ length: 32 }, (_, byte) => Number.parseInt(hex.slice(2 * byte, 2 * byte + 2), 16));
}
