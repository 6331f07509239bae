/** The destination of a URL on the command line or in a plan. */
export type Address =
  | { readonly kind: "web"; readonly url: URL; readonly shown: string }
  | { readonly kind: "bucket"; readonly bucket: string; readonly key: string; readonly shown: string };

/** Returns whether a path is a URL that midx may read from. */
export const isRemote = (path: string): boolean => /^(?:https?|s3):\/\//i.test(path);

/** Returns whether a path is a place in a bucket. */
export const isInBucket = (path: string): boolean => /^s3:\/\//i.test(path);

/**
 * Parses a URL. A key with ".." is refused, because programs interpret it differently.
 *
 * @throws RangeError that never repeats a password or a query, which may be a signature
 */
export function addressOf(path: string): Address {
  return isInBucket(path) ? bucketAddress(path) : webAddress(path);
}

/** Returns a path as messages show it: the query of a URL may be a signature, and its user a password. */
export function shownPath(path: string): string {
  if (!isRemote(path) || isInBucket(path) || !URL.canParse(path)) return path;
  const { origin, pathname } = new URL(path);
  return `${origin}${pathname}`;
}

function webAddress(path: string): Address {
  const shown = shownPath(path);
  if (!URL.canParse(path)) throw new RangeError(`expected a URL, such as https://example.com/items.parquet`);
  const url = new URL(path);
  if (url.username !== "" || url.password !== "") {
    throw new RangeError(`${shown}: expected a URL without a user and a password: use a presigned URL or s3://`);
  }
  url.hash = "";
  return { kind: "web", url, shown };
}

const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])\/(.*)$/i;

function bucketAddress(path: string): Address {
  const [, bucket, key = ""] = BUCKET.exec(path) ?? [];
  const segments = key.replace(/\/$/, "").split("/");
  const isPlain = segments.every((segment) => segment !== "." && segment !== ".." && !/\p{Cc}/u.test(segment));
  if (bucket !== undefined && isPlain && (key === "" || segments.every((segment) => segment !== ""))) {
    return { kind: "bucket", bucket, key, shown: path };
  }
  throw new RangeError(`expected s3://bucket/key, without empty segments, "." and "..", got ${JSON.stringify(path)}`);
}
