/** Where publications lie: values by key, of which one at a time may be put on a condition. */
export interface Store {
  /** For messages, such as "R2 bucket words". */
  readonly name: string;
  /**
   * A value. Where it has more than `maxBytes`, it is the first of them and one more, and nobody reads the rest. The
   * default is MAX_PART_BYTES, as no value has more.
   */
  get(key: string, maxBytes?: number): Promise<StoredValue | undefined>;
  /** False: the condition did not hold, and nothing was written. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, condition?: Condition): Promise<boolean>;
  close(): Promise<void>;
}

export interface StoredValue {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Another one for other bytes. */
  readonly etag: string;
}

/** The condition of a put: the value that was read is still there, or there is none. */
export type Condition = { readonly etag: string } | "absent";

/** For messages: a key and where it is one. */
export const placeOf = ({ name }: Pick<Store, "name">, key: string): string => `${name}: ${key}`;
