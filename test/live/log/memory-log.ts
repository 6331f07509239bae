import { sha256 } from "../../../src/bytes/sha256.ts";
import {
  type AppendOptions,
  type ChangeLog,
  KeyConflictError,
  type KeyedCall,
  type NumberedSet,
  OtherLogError,
  UnseenSetsError,
} from "../../../src/publication/change-log.ts";
import { mayExceed } from "../../../src/publication/labels-behind.ts";

/** A log in memory, which can be made to fail. */
export class MemoryLog implements ChangeLog {
  sets: NumberedSet[] = [];
  head = 0;
  reads = 0;
  fault: Error | undefined;
  /** Milliseconds that a read takes. */
  delay = 0;
  readonly #keys = new Map<string, { readonly digest: string; readonly sequence: number }>();

  async append(
    bytes: Uint8Array,
    { key, writer = "", digest: asked, after = 0, room = Number.POSITIVE_INFINITY }: AppendOptions = {},
  ) {
    const digest = asked ?? (await sha256(bytes));
    if (this.fault) throw this.fault;
    if (this.head < after) throw new OtherLogError(after, this.head);
    const name = JSON.stringify([writer, key]);
    const known = key === undefined ? undefined : this.#keys.get(name);
    if (known && known.digest !== digest) throw new KeyConflictError(String(key));
    if (known) return { sequence: known.sequence, isReplay: true };
    const unseen = { sets: this.sets.filter(({ sequence }) => sequence > after), head: this.head, first: after + 1 };
    if (mayExceed(unseen, after, room)) throw new UnseenSetsError();
    this.head++;
    this.sets.push({ sequence: this.head, bytes: Uint8Array.from(bytes) });
    if (key !== undefined) this.#keys.set(name, { digest, sequence: this.head });
    return { sequence: this.head, isReplay: false };
  }

  async find({ key, writer, digest }: KeyedCall) {
    const known = this.#keys.get(JSON.stringify([writer, key]));
    if (known && known.digest !== digest) throw new KeyConflictError(key);
    return known?.sequence;
  }

  async read(after: number, maxBytes = Number.POSITIVE_INFINITY) {
    this.reads++;
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (this.fault) throw this.fault;
    const sets: NumberedSet[] = [];
    let total = 0;
    for (const set of this.sets.filter(({ sequence }) => sequence > after)) {
      total += set.bytes.byteLength;
      if (sets.length > 0 && total > maxBytes) break;
      sets.push(set);
    }
    return { sets, head: this.head, first: this.sets[0]?.sequence ?? this.head + 1 };
  }

  async trim(upTo: number) {
    this.sets = this.sets.filter(({ sequence }) => sequence > upTo);
  }
}
