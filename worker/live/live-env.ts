import type { ChangeLog } from "../../src/publication/change-log.ts";
import { Problem } from "../contract/problem.ts";
import type { ServiceEnv } from "../environment/env.ts";
import { listOf, numberOf, textOf, variableOf } from "../environment/vars.ts";
import { type LiveOptions, type LiveSettings, liveSettingsOf } from "./live-settings.ts";
import { segmentsOfEnv } from "./log-in-bucket.ts";
import { type LogNamespace, logIn } from "./log-in-object.ts";

/** The bindings and variables of a Worker that follows a log of changes, beside those of midx/worker. */
export interface LiveEnv extends ServiceEnv {
  /**
   * The Durable Objects of the class `IndexLog`; or the variable "segments", which keeps the log beside the index in the R2 bucket.
   * Without it every request gets a 503.
   */
  readonly LOG?: LogNamespace | string;
  /** The name of the log. Workers with the same index and the same objects have one log. Default "index". */
  readonly LOG_NAME?: string;
  /**
   * SHA-256 digests of the bearer tokens that may write, in hex, separated by commas or white space. Make it a secret. Default
   * none: every write gets a 403, even if reading is open.
   */
  readonly WRITE_TOKENS?: string;
  /** Seconds between looks for new changes, 0.05 to 3,600. Default 1. */
  readonly DELTA_SECONDS?: string;
  /** The most rows that changes may hold. Beyond it writes get a 507. Default: 20,000, or fewer if these take more than 8 MB. */
  readonly MAX_DELTA?: string;
}

/** @throws Problem that names the variable */
export function liveSettingsOfEnv(env: LiveEnv): LiveSettings {
  const writeTokens = listOf(env, "WRITE_TOKENS");
  const deltaSeconds = numberOf(env, "DELTA_SECONDS");
  const maxDelta = numberOf(env, "MAX_DELTA");
  const options: LiveOptions = {
    ...(writeTokens && { writeTokens }),
    ...(deltaSeconds !== undefined && { deltaSeconds }),
    ...(maxDelta !== undefined && { maxDelta }),
  };
  try {
    return liveSettingsOf(options);
  } catch (error) {
    throw new Problem("misconfigured", (error as Error).message.replace(/^"\w+/, variableOf));
  }
}

/** @throws Problem without the binding */
export function logOfEnv(env: LiveEnv): ChangeLog {
  if (env.LOG === "segments") return segmentsOfEnv(env);
  if (typeof env.LOG === "object") return logIn(env.LOG, textOf(env, "LOG_NAME") ?? "index");
  if (env.LOG !== undefined) {
    throw new Problem("misconfigured", `"LOG" expected "segments" or a binding of Durable Objects, got "${env.LOG}"`);
  }
  throw new Problem(
    "misconfigured",
    'there is no binding LOG: add [[durable_objects.bindings]] with the class IndexLog to wrangler.toml, or the variable LOG = "segments"',
  );
}
