import { checkNumber } from "../../src/internal.ts";
import { settingsOf } from "../host/settings.ts";

/** Options of a service that follows a log of changes. */
export interface LiveOptions {
  /**
   * SHA-256 digests, in hex, of the bearer tokens that may write. Default none: nobody may, and every write gets a 403. A token
   * that may write may not read unless it is one of `tokens` too.
   */
  readonly writeTokens?: readonly string[];
  /** Seconds between looks for new changes, 0.05 to 3,600. Default 1. */
  readonly deltaSeconds?: number;
  /**
   * The most rows that changes may hold, 1 to 1,000,000. Beyond it writes get a 507. Default: 20,000, or as many as take 8 MB if
   * these are fewer.
   */
  readonly maxDelta?: number;
}

/** The checked options. */
export interface LiveSettings {
  /** Digests of 32 bytes each. */
  readonly writeTokens: readonly Uint8Array[];
  readonly deltaMs: number;
  /** Undefined for the default, which depends on the rows of the index. */
  readonly maxDelta: number | undefined;
}

const DELTA_SECONDS = 1;
/** The most rows that changes may hold. */
export const MOST_DELTA = 1_000_000;

/** @throws TypeError or RangeError that names the option */
export function liveSettingsOf({ deltaSeconds = DELTA_SECONDS, maxDelta, ...options }: LiveOptions): LiveSettings {
  return {
    writeTokens: "writeTokens" in options ? digestsOf(options.writeTokens) : [],
    deltaMs: 1000 * checkNumber("deltaSeconds", deltaSeconds, 0.05, 3600),
    maxDelta: maxDelta === undefined ? undefined : Math.floor(checkNumber("maxDelta", maxDelta, 1, MOST_DELTA)),
  };
}

/** Write tokens are given as tokens are, and a mistake in them must not open anything either. */
function digestsOf(tokens: unknown): readonly Uint8Array[] {
  try {
    return settingsOf({ tokens: tokens as readonly string[] }).tokens;
  } catch (error) {
    const { message } = error as Error;
    throw new RangeError(
      message.replace('"tokens', '"writeTokens').replace("to open the service to everyone", "to close writing"),
    );
  }
}
