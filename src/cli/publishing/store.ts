import type { Condition } from "../remote/s3-answers.ts";

/** The storage of publications: values by key, with conditional writes of single values. */
export interface Store {
  /** The name in messages, such as "R2 bucket words". */
  readonly name: string;
  /**
   * Reads a value. If it is longer than `maxBytes`, it returns one byte more than that and does not read the rest. The
   * default is MAX_PART_BYTES, which no valid value exceeds.
   */
  get(key: string, maxBytes?: number): Promise<StoredValue | undefined>;
  /** Writes a value. Returns false if the condition did not hold, and then writes nothing. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, condition?: Condition): Promise<boolean>;
  /** Lists the keys in a folder, which is a prefix that ends in "/" or "", without those in folders of it. */
  list(folder: string): Promise<string[]>;
  /** Removes a value, if there is one. */
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

export interface StoredValue {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** An identifier that differs for different bytes. */
  readonly etag: string;
}

/** Names a key and its store in messages. */
export const placeOf = ({ name }: Pick<Store, "name">, key: string): string => `${name}: ${key}`;
