import { Problem } from "../contract/problem.ts";

/** How a binding is told from a variable of its name, and from other bindings with the same methods. */
interface Kind {
  /** The table of wrangler.toml that makes one. */
  readonly table: string;
  /** A method that such a binding has. */
  readonly method: string;
  /** A method of another kind of binding that has `method` too. */
  readonly foreign?: string;
}

const KINDS = {
  ASSETS: { table: "[assets]", method: "fetch" },
  INDEX: { table: "[[r2_buckets]]", method: "get", foreign: "getWithMetadata" },
  INDEX_KV: { table: "[[kv_namespaces]]", method: "get", foreign: "head" },
  RATE_LIMIT: { table: "[[ratelimits]]", method: "limit" },
  EVENTS: { table: "[[analytics_engine_datasets]]", method: "writeDataPoint" },
} as const satisfies Record<string, Kind>;

/**
 * Returns a binding, or undefined if there is none of this name.
 *
 * @throws Problem for a variable of this name, or a binding of another kind: its calls would fail in every request
 */
export function bindingOf<Env extends object, Name extends keyof typeof KINDS & keyof Env>(
  env: Env,
  name: Name,
): Env[Name] {
  const binding = env[name];
  const { table, method, foreign }: Kind = KINDS[name];
  if (binding === undefined) return binding;
  const methods = binding as Record<string, unknown> | null;
  if (typeof methods?.[method] === "function" && !(foreign && methods[foreign])) return binding;
  const given = typeof binding === "object" ? "a binding of another kind" : "a variable";
  throw new Problem("misconfigured", `"${name}" expected a binding of ${table} in wrangler.toml, got ${given}`);
}

/** The table of wrangler.toml that makes the binding of this name. */
export const tableOf = (name: keyof typeof KINDS): string => KINDS[name].table;
