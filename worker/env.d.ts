// The bindings of wrangler.toml, by hand: what `wrangler types` would write, with all but the assets optional.
declare namespace Cloudflare {
  interface Env extends WorkerEnv {}
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
}

interface WorkerEnv {
  readonly ASSETS?: Fetcher;
  readonly INDEX?: R2Bucket;
  readonly INDEX_KV?: KVNamespace;
  readonly RATE_LIMIT?: RateLimit;
  readonly EVENTS?: AnalyticsEngineDataset;
  /** Where the index is: "assets" (default), "r2" or "kv". */
  readonly INDEX_SOURCE?: string;
  /** Its file, or the pointer to it: path among the assets or key; default index.midx. */
  readonly INDEX_KEY?: string;
  /** "true" serves the demo page at /, and the index file to it. */
  readonly DEMO?: string;
  // As text, what settings.ts says of the options of the same names.
  readonly REFRESH_SECONDS?: string;
  readonly MAX_WORK?: string;
  readonly MAX_IN_FLIGHT?: string;
  /** Separated by commas or white space; a secret, so that nobody tries digests at leisure. */
  readonly TOKENS?: string;
  readonly ORIGINS?: string;
  readonly AUDIT_RATE?: string;
  readonly LOG_DRAWS?: string;
}
