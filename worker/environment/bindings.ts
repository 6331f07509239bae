import { Problem } from "../contract/problem.ts";

/**
 * How a binding is told from a variable of its name, and from other bindings: the table of wrangler.toml that makes one, a method
 * that it has, and perhaps one that it lacks.
 */
const KINDS = {
  ASSETS: ["[assets]", "fetch"],
  INDEX: ["[[r2_buckets]]", "get", "getWithMetadata"],
  INDEX_KV: ["[[kv_namespaces]]", "get", "head"],
  RATE_LIMIT: ["[[ratelimits]]", "limit"],
  EVENTS: ["[[analytics_engine_datasets]]", "writeDataPoint"],
} as const;

/**
 * Returns a binding, or undefined if there is none of this name.
 *
 * @throws Problem for a variable of this name, or a binding of another kind: its calls would fail in every request
 */
export const bindingOf = <Env extends object, Name extends keyof typeof KINDS & keyof Env>(
  env: Env,
  name: Name,
): Env[Name] | undefined => (env[name] === undefined ? undefined : neededBinding(env, name));

/**
 * Returns a binding that there has to be.
 *
 * @throws Problem if there is none, and as bindingOf
 */
export function neededBinding<Env extends object, Name extends keyof typeof KINDS & keyof Env>(
  env: Env,
  name: Name,
  why = "",
): NonNullable<Env[Name]> {
  const binding = env[name];
  const [table, method, foreign] = KINDS[name] as readonly string[] as readonly [string, string, string?];
  const methods = (binding ?? {}) as Record<string, unknown>;
  // A service has a function for every name, but no foreign method is asked of one.
  if (typeof methods[method] === "function" && !(foreign && methods[foreign])) return binding as NonNullable<Env[Name]>;
  const given =
    typeof binding === "object" ? "a binding of another kind" : binding === undefined ? "none" : "a variable";
  throw new Problem("misconfigured", `"${name}" expected a binding of ${table} in wrangler.toml${why}, got ${given}`);
}
