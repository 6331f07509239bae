/** Where published files lie: R2, KV or static assets. */
export interface Store {
  /** For messages: `the bucket bound as INDEX`. */
  readonly name: string;
  /** The content at `key`, unless its tag is still `known`; undefined where there is none. */
  open(key: string, known?: string): Promise<Found | "unchanged" | undefined>;
}

export interface Found {
  /** Another one when the content is; undefined where the store has none. */
  readonly tag: string | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

/** Workers' R2 binding, as far as it is used here. */
export interface Bucket {
  get(
    key: string,
    options: { onlyIf?: { etagDoesNotMatch: string } },
  ): Promise<{ readonly etag: string; readonly body?: ReadableStream<Uint8Array> } | null>;
}

/** Workers' KV binding, as far as it is used here. */
export interface KeyValues {
  get(key: string, type: "stream"): Promise<ReadableStream<Uint8Array> | null>;
}

/** Workers' binding of static assets, as far as it is used here. */
export interface Assets {
  fetch(request: Request): Promise<Response>;
}
