/** A store of published files: R2, KV or static assets. */
export interface Store {
  /** The name in messages, such as `the bucket bound as INDEX`. */
  readonly name: string;
  /**
   * Opens the content at a key.
   *
   * @param key the key, or the path of an asset
   * @param known the tag of the content that the caller has; without it the content is always opened
   * @returns the content, "unchanged" if its tag is still `known`, or undefined if there is no such key
   * @throws the error of the store if it cannot be read
   *
   * @example
   * const found = await inBucket(env.INDEX).open("words/current.json");
   */
  open(key: string, known?: string): Promise<Found | "unchanged" | undefined>;
}

/** The content of a key. */
export interface Found {
  /** A tag that changes with the content, or undefined if the store has no tags. */
  readonly tag: string | undefined;
  /** The content, which can be read once. */
  readonly body: ReadableStream<Uint8Array>;
}

/** The part of Workers' R2 binding that the service uses. */
export interface Bucket {
  /**
   * Opens an object.
   *
   * @param key the key of the object
   * @param options the etag that the caller has, if any
   * @returns the object, without a body if its etag is still the one given; null if there is no such key
   *
   * @example
   * const object = await env.INDEX.get("words/current.json", {});
   */
  get(
    key: string,
    options: {
      /** Reads the body only if the etag is another one. Default: always. */
      onlyIf?: {
        /** The etag that the caller has. */
        etagDoesNotMatch: string;
      };
    },
  ): Promise<{
    /** The tag of the object's content. */
    readonly etag: string;
    /** The content. It is absent if the etag is still the one given. */
    readonly body?: ReadableStream<Uint8Array>;
  } | null>;
}

/** The part of Workers' KV binding that the service uses. */
export interface KeyValues {
  /**
   * Opens a value.
   *
   * @param key the key of the value
   * @param type the kind of result: a stream of bytes
   * @returns the value, or null if there is no such key
   *
   * @example
   * const value = await env.INDEX_KV.get("words/current.json", "stream");
   */
  get(key: string, type: "stream"): Promise<ReadableStream<Uint8Array> | null>;
}

/** The part of Workers' binding of static assets that the service uses. */
export interface Assets {
  /**
   * Reads an asset.
   *
   * @param request a GET of the asset's path on any host; development servers may insist on localhost, or a name below it
   * @returns the response, 404 if there is no such asset
   *
   * @example
   * const response = await env.ASSETS.fetch(new Request("https://assets.localhost/index.midx"));
   */
  fetch(request: Request): Promise<Response>;
}
