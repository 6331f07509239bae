import { type Command, Option } from "commander";

/** Options of `publish` and `rollback` that name the store and the pointer in it. */
export interface StoreOptions {
  readonly config?: string;
  readonly env?: string;
  readonly key?: string;
  readonly remote?: true;
}

/** --folder conflicts with all other options except --key. */
export const addStoreOptions = (command: Command): Command =>
  command
    .option("--folder <folder>", "use a folder, such as static assets, instead of the Worker's storage")
    .addOption(
      new Option(
        "--config <file>",
        "configuration of the Worker, whose INDEX_SOURCE and bindings name the storage (default: wrangler.json, .jsonc or .toml in this folder)",
      ).conflicts("folder"),
    )
    .addOption(new Option("--env <name>", "environment of the configuration").conflicts("folder"))
    .option("--key <key>", "key of the pointer, ending in .json (default: INDEX_KEY, or current.json in a folder)")
    .addOption(
      new Option(
        "--remote",
        "use the storage at Cloudflare, not the local state of wrangler dev. R2 reads R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY and CLOUDFLARE_ACCOUNT_ID from the environment, KV reads CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID",
      ).conflicts("folder"),
    );
