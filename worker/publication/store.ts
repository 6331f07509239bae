/** A store of published files: R2, KV or static assets. */
export interface Store {
  /** The name in messages, such as `the bucket bound as INDEX`. */
  readonly name: string;
  /** Opens the content at `key`. Returns "unchanged" if its tag is still `known`, and undefined if there is no such key. */
  open(key: string, known?: string): Promise<Found | "unchanged" | undefined>;
}

export interface Found {
  /** A tag that changes with the content, or undefined if the store has no tags. */
  readonly tag: string | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

/** The part of Workers' R2 binding that the service uses. */
export interface Bucket {
  get(
    key: string,
    options: { onlyIf?: { etagDoesNotMatch: string } },
  ): Promise<{ readonly etag: string; readonly body?: ReadableStream<Uint8Array> } | null>;
}

/** The part of Workers' KV binding that the service uses. */
export interface KeyValues {
  get(key: string, type: "stream"): Promise<ReadableStream<Uint8Array> | null>;
}

/** The part of Workers' binding of static assets that the service uses. */
export interface Assets {
  fetch(request: Request): Promise<Response>;
}
