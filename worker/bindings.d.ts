// For tests in workerd, where `env` has what wrangler.toml binds.
declare namespace Cloudflare {
  interface Env extends WorkerEnv {}
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
}

interface WorkerEnv extends Omit<import("./environment/env.ts").ServiceEnv, "ASSETS" | "INDEX" | "INDEX_KV"> {
  readonly ASSETS: Fetcher;
  readonly INDEX: R2Bucket;
  readonly INDEX_KV: KVNamespace;
}
