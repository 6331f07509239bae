import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { R2Binding } from "./local-bucket.ts";
import type { KvBinding } from "./local-namespace.ts";

/** The functions used here of the user's own wrangler. */
export interface Wrangler {
  unstable_readConfig(
    args: { readonly config: string; readonly env?: string },
    options: { readonly hideWarnings: true },
  ): WranglerConfig;
  getPlatformProxy(options: {
    readonly configPath: string;
    readonly envFiles: readonly string[];
    readonly persist: { readonly path: string };
    readonly remoteBindings: false;
  }): Promise<PlatformProxy>;
}

export interface WranglerConfig {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly account_id?: string | undefined;
  readonly assets?: { readonly directory?: string } | undefined;
  readonly r2_buckets: readonly {
    readonly binding: string;
    readonly bucket_name?: string;
    readonly jurisdiction?: string;
    readonly remote?: boolean;
  }[];
  readonly durable_objects?:
    | { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] }
    | undefined;
  readonly kv_namespaces: readonly { readonly binding: string; readonly id?: string; readonly remote?: boolean }[];
}

export interface PlatformProxy {
  readonly env: { readonly INDEX?: R2Binding; readonly INDEX_KV?: KvBinding };
  dispose(): Promise<void>;
}

/** Settings that keep wrangler off stdout, and from requesting the location of this machine, which no binding here needs. */
const QUIET = { WRANGLER_LOG: "error", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

/** Loads the wrangler that is installed for `folder`. This package does not contain wrangler. */
export async function loadWrangler(folder: string): Promise<Wrangler> {
  const path = resolveWrangler(folder);
  for (const [name, value] of Object.entries(QUIET)) process.env[name] ??= value;
  return starting(folder, () => import(pathToFileURL(path).href) as Promise<Wrangler>);
}

function resolveWrangler(folder: string): string {
  try {
    return createRequire(join(folder, "wrangler.toml")).resolve("wrangler");
  } catch {
    throw new Error(`wrangler is not installed in ${folder}: install it with npm install --save-dev wrangler`);
  }
}

/** Runs a function of wrangler. Errors name wrangler. */
export async function asking<T>(folder: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new Error(`wrangler in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Runs a function of wrangler that may need a newer Node or an older wrangler. Errors then say so. */
export async function starting<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const version = process.versions.node;
  try {
    return await asking(folder, action);
  } catch (error) {
    if (Number.parseInt(version, 10) < WRANGLERS_NODE && error instanceof Error)
      error.message += `: this is Node ${version}, for which ${OLDER_WRANGLER} is the newest wrangler: npm install --save-dev wrangler@${OLDER_WRANGLER}`;
    throw error;
  }
}

/** The oldest major version of Node that the newest wrangler supports, and the last wrangler for older ones. */
const WRANGLERS_NODE = 22;
const OLDER_WRANGLER = "4.86";
