import type { Io } from "../process/io.ts";
import { addressOf, isInBucket } from "./address.ts";
import { type Bucket, bucketOf } from "./bucket.ts";
import { openRanged, type Pin, type RangedFile } from "./ranged-file.ts";
import { s3Client } from "./s3-client.ts";
import { s3Settings } from "./s3-settings.ts";
import { webSource } from "./web-source.ts";

/** Opens the file at a URL. */
export type OpenRemote = (url: string) => Promise<RangedFile>;

/** Options of the commands that read from URLs. */
export interface RemoteOptions {
  readonly s3Endpoint?: string;
  /** The hosts that a plan may name. */
  readonly allowHost?: readonly string[];
}

/** The facts that a plan states about the files at URLs. */
export interface PlannedFiles {
  readonly pins: ReadonlyMap<string, Pin>;
  /** The hosts, with their ports, that may be asked. */
  readonly hosts: readonly string[];
}

/**
 * Returns a function that opens files at URLs. With `planned`, the URLs come from a plan and not from the user: hosts that the
 * user did not name are not asked, and a file that differs from the planned one is refused.
 */
export function remoteFiles({ env, signal }: Io, { s3Endpoint }: RemoteOptions, planned?: PlannedFiles): OpenRemote {
  return async (path) => {
    const address = addressOf(path);
    const pin = planned?.pins.get(path);
    if (address.kind === "bucket") {
      if (address.key === "" || address.key.endsWith("/"))
        throw new RangeError(`${path} names no object of the bucket`);
      return bucketOf(s3Client(s3Settings(env, s3Endpoint), address.bucket, signal)).open(address.key, pin);
    }
    const { host } = address.url;
    if (planned && !planned.hosts.includes(host)) {
      throw new RangeError(
        `the plan names ${address.shown}: if you trust it, allow its host with --allow-host ${host}`,
      );
    }
    return openRanged(webSource(address.url, signal), pin);
  };
}

/** A place in a bucket: the keys that begin with a prefix. */
export interface BucketPlace {
  readonly bucket: Bucket;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/** Opens the place of a URL such as s3://bucket/prefix. Undefined for a folder. */
export function bucketPlace(path: string, { env, signal }: Io, { s3Endpoint }: RemoteOptions): BucketPlace | undefined {
  if (!isInBucket(path)) return undefined;
  const address = addressOf(path.endsWith("/") ? path : `${path}/`);
  if (address.kind !== "bucket") return undefined;
  return { bucket: bucketOf(s3Client(s3Settings(env, s3Endpoint), address.bucket, signal)), prefix: address.key };
}
