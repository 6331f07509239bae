import { createHash } from "node:crypto";
import { folderOf } from "../../publication/pointer.ts";
import type { PutCondition } from "../../publication/segments/segment-store.ts";
import { allPages } from "./all-pages.ts";
import { openRanged, type Pin, type RangedFile, type RangeSource } from "./ranged-file.ts";
import { CONFLICTS, codeIn, conditionHeaders } from "./s3-answers.ts";
import type { S3Client, S3Request } from "./s3-client.ts";
import { listingQuery, pageWithFolders } from "./s3-listing.ts";

/** The objects of a bucket, by key. */
export interface Bucket {
  readonly client: S3Client;
  /** Reads an object that is not large. */
  get(key: string): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string } | undefined>;
  byteLengthOf(key: string): Promise<number | undefined>;
  /** Writes an object in one step. Returns false if the condition did not hold, and then writes nothing. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, condition?: PutCondition): Promise<boolean>;
  remove(key: string): Promise<void>;
  /**
   * Lists the keys that begin with a prefix up to the next slash, as folders do. Undefined if the credentials may read and write
   * keys, but not list them.
   */
  list(prefix: string): Promise<string[] | undefined>;
  open(key: string, planned?: Pin): Promise<RangedFile>;
}

export function bucketOf(client: S3Client): Bucket {
  const bucket: Bucket = {
    client,
    async get(key) {
      const length = await bucket.byteLengthOf(key);
      if (length === undefined) return undefined;
      if (length === 0) return { bytes: new Uint8Array(0), etag: "" };
      const file = await bucket.open(key);
      try {
        return { bytes: await file.read(0, file.byteLength), etag: file.pin.validator };
      } finally {
        await file.close();
      }
    },
    async byteLengthOf(key) {
      const answer = await client.ask({ method: "HEAD", key });
      if (answer.status === 404) return undefined; // an answer to HEAD has no code, so this may be the bucket as well
      if (answer.status !== 200) throw client.refusal(key, answer);
      return Number(answer.headers.get("content-length"));
    },
    async put(key, bytes, condition) {
      const answer = await client.ask({
        method: "PUT",
        key,
        body: bytes,
        headers: { ...conditionHeaders(condition), ...hashHeader(bytes) },
      });
      if (answer.status === 200) return true;
      if (condition && (CONFLICTS.has(answer.status) || answer.code === "NoSuchKey")) return false;
      throw client.refusal(key, answer);
    },
    async remove(key) {
      const answer = await client.ask({ method: "DELETE", key });
      if (answer.status >= 300 && answer.status !== 404) throw client.refusal(key, answer);
    },
    async list(prefix) {
      let isRefused = false;
      const keys = await allPages(async (cursor) => {
        const answer = await client.ask({ method: "GET", key: "", query: listingQuery(prefix, cursor) });
        if (answer.status === 200) return pageWithFolders(answer.text, prefix);
        if (answer.status !== 403) throw client.refusal(prefix, answer);
        isRefused = true;
        return { keys: [], next: undefined };
      });
      return isRefused ? undefined : keys;
    },
    open: (key, planned) => openRanged(rangesOf(client, key), planned),
  };
  return bucket;
}

/** The hash of a body, so that a damaged one is refused. */
export const hashHeader = (bytes: Uint8Array | string): Record<string, string> => ({
  "x-amz-content-sha256": createHash("sha256").update(bytes).digest("hex"),
});

function rangesOf(client: S3Client, key: string): RangeSource {
  const request: S3Request = { method: "GET", key };
  return {
    shown: client.shown(key),
    signal: client.signal,
    tries: client.tries,
    send({ headers: { "accept-encoding": _, ...headers }, ...init }) {
      return client.send({ ...request, headers }, init); // proxies change accept-encoding, which would break the signature
    },
    async refusal(response) {
      return client.refusal(key, { status: response.status, code: codeIn(await response.text()) });
    },
    beside: (name) => rangesOf(client, folderOf(key) + name),
  };
}
