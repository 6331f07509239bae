import type { PutCondition, StoredSegment } from "../segments/segment-store.ts";

/** A store of publications: values by key, with conditional writes of single values. */
export interface PublicationStore {
  /** The name in messages, such as "R2 bucket words". */
  readonly name: string;
  /**
   * Reads a value. If it is longer than `maxBytes`, a store may return one byte more than that and leave out the rest. The
   * default is MAX_PART_BYTES, which no valid value exceeds.
   */
  get(key: string, maxBytes?: number): Promise<StoredValue | undefined>;
  /** Writes a value. Returns false if the condition did not hold, and then writes nothing. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, condition?: PutCondition): Promise<boolean>;
}

/** A value, with an etag that differs for different bytes. */
export interface StoredValue extends StoredSegment {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Names a key and its store in messages. */
export const placeOf = ({ name }: Pick<PublicationStore, "name">, key: string): string => `${name}: ${key}`;
