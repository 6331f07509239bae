// Types for tests in workerd, where `env` has the bindings of wrangler.toml.
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
