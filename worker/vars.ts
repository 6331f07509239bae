import type { ServiceEnv } from "./env.ts";
import { Problem } from "./problem.ts";
import { type ServiceOptions, type Settings, settingsOf } from "./settings.ts";

/** What wrangler.toml's variables, which are text, and its bindings say. A 503 names the variable that is wrong. */
export function settingsOfEnv(env: ServiceEnv): Settings {
  const options: ServiceOptions = {
    ...(env.MAX_WORK && { maxWork: Number(env.MAX_WORK) }),
    ...(env.MAX_IN_FLIGHT && { maxInFlight: Number(env.MAX_IN_FLIGHT) }),
    ...(env.REFRESH_SECONDS && { refreshSeconds: Number(env.REFRESH_SECONDS) }),
    ...(env.AUDIT_RATE && { auditRate: Number(env.AUDIT_RATE) }),
    tokens: listOf(env.TOKENS),
    origins: listOf(env.ORIGINS),
    logDraws: isOn(env, "LOG_DRAWS"),
  };
  try {
    return settingsOf(options, { rateLimiter: env.RATE_LIMIT, events: env.EVENTS });
  } catch (error) {
    throw new Problem("misconfigured", (error as Error).message.replace(/^"\w+/, variableOf));
  }
}

/** Whether a variable says "true". */
export function isOn(env: ServiceEnv, name: "LOG_DRAWS" | "DEMO"): boolean {
  const { [name]: text = "false" } = env;
  if (text === "true" || text === "false") return text === "true";
  throw new Problem("misconfigured", `"${name}" expected "true" or "false", got "${text}"`);
}

/** What stands between commas and white space. */
const listOf = (text: string | undefined): string[] => text?.split(/[\s,]+/).filter((part) => part !== "") ?? [];

/** "maxWork → "MAX_WORK: the variable of an option. */
const variableOf = (option: string): string => option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
