import { resolve } from "node:path";
import type { Project } from "./project.ts";

/** The storage from which the Worker of a project reads its index, according to its variables and bindings. */
export type Target =
  | { readonly source: "assets"; readonly folder: string }
  | {
      readonly source: "r2";
      readonly bucket: string;
      readonly jurisdiction: string | undefined;
      readonly isRemote: boolean;
    }
  | { readonly source: "kv"; readonly namespaceId: string; readonly isRemote: boolean };

/** Returns the target of a project. Throws a RangeError that names the field that the configuration lacks. */
export function targetOf({ config, configPath, folder }: Project): Target {
  const source = config.vars.INDEX_SOURCE ?? "assets";
  const lacks = (what: string): RangeError =>
    new RangeError(`${configPath}: "INDEX_SOURCE" is ${JSON.stringify(source)}, which needs ${what}`);
  if (source === "assets") {
    const directory = config.assets?.directory;
    if (directory === undefined) throw lacks('a "directory" in [assets]');
    return { source, folder: resolve(folder, directory) };
  }
  if (source === "r2") {
    const bound = config.r2_buckets.find(({ binding }) => binding === "INDEX");
    if (bound?.bucket_name === undefined) throw lacks('an [[r2_buckets]] with binding "INDEX" and a "bucket_name"');
    const { bucket_name: bucket, jurisdiction, remote: isRemote = false } = bound;
    return { source, bucket, jurisdiction, isRemote };
  }
  if (source === "kv") {
    const bound = config.kv_namespaces.find(({ binding }) => binding === "INDEX_KV");
    if (bound?.id === undefined) throw lacks('a [[kv_namespaces]] with binding "INDEX_KV" and an "id"');
    return { source, namespaceId: bound.id, isRemote: bound.remote ?? false };
  }
  throw new RangeError(`${configPath}: "INDEX_SOURCE" expected "assets", "r2" or "kv", got ${JSON.stringify(source)}`);
}
