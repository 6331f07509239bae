// The bindings of wrangler.toml, by hand: what `wrangler types` would write, with the variables optional.
declare namespace Cloudflare {
  interface Env extends WorkerEnv {}
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
}

interface WorkerEnv {
  readonly ASSETS: Fetcher;
  readonly INDEX: R2Bucket;
  /** Where the index file is: "assets" (default) or "r2". */
  readonly INDEX_SOURCE?: string;
  /** Name of the file: path among the assets or key in the bucket; default index.midx. */
  readonly INDEX_KEY?: string;
  /** Multiply-adds a request may ask for; default DEFAULT_MAX_WORK of work.ts. */
  readonly MAX_WORK?: string;
}
