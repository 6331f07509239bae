import { joinedBytes } from "../../src/internal.ts";
import {
  type Appended,
  type AppendOptions,
  KEY_LIFE_MS,
  type KeyedCall,
  LOG_PAGE_BYTES,
  type LogPage,
  MOST_IN_SET,
  type SeenSets,
} from "../../src/publication/change-log.ts";
import { mayExceed } from "../../src/publication/labels-behind.ts";
import { metadataChanges } from "../../src/publication/metadata-changes.ts";

/** The part of a Durable Object's SQLite that a log uses. */
export interface Sql {
  /**
   * Runs a statement.
   *
   * @param query the statement
   * @param bindings the values of its question marks
   * @returns the rows
   *
   * @example
   * const rows = [...state.storage.sql.exec("SELECT value FROM numbers WHERE name = ?", "head")];
   */
  exec(query: string, ...bindings: (string | number | ArrayBuffer | null)[]): Iterable<Record<string, unknown>>;
}

/** A set takes as many rows as it has pieces, since a value of SQLite has at most 2 MB here. */
const PIECE_BYTES = 2 ** 20;
/** The most pieces of a set: its rows are numbered by 64 × its sequence number. */
const PIECES = 64;

const TABLES = [
  "CREATE TABLE IF NOT EXISTS pieces (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
  "CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS keys (writer TEXT, key TEXT, digest TEXT NOT NULL, sequence INTEGER NOT NULL, " +
    "at INTEGER NOT NULL, PRIMARY KEY (writer, key)) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS metadata (label TEXT PRIMARY KEY, text TEXT NOT NULL)",
];

/** A log in the SQLite of an object, which runs one call at a time. */
export class LogStorage {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const table of TABLES) sql.exec(table);
  }

  /** The number of the last set that was ever appended. */
  get head(): number {
    return this.#number("SELECT value AS n FROM numbers WHERE name = 'head'") ?? 0;
  }

  /**
   * Appends a set, or finds the call with the same key. Undefined for a key that came with another digest, and null if others may
   * leave no room for the set. Runs in a transaction.
   */
  append(
    set: Uint8Array,
    digest: string,
    { key, writer = "", after, room }: AppendOptions & SeenSets,
    now: number,
  ): Appended | null | undefined {
    if (set.byteLength > PIECES * PIECE_BYTES) {
      throw new RangeError(`a set expected at most ${PIECES * PIECE_BYTES} bytes, got ${set.byteLength}`);
    }
    const known = key === undefined ? 0 : this.find({ key, writer, digest }, now);
    if (known === undefined) return undefined;
    if (known > 0) return { sequence: known, isReplay: true };
    const { head } = this;
    if ((head - after) * MOST_IN_SET > room && mayExceed(this.read(after, LOG_PAGE_BYTES), after, room)) return null;
    const sequence = head + 1;
    for (let piece = 0, at = 0; piece === 0 || at < set.byteLength; piece++, at += PIECE_BYTES) {
      const bytes = set.slice(at, at + PIECE_BYTES).buffer as ArrayBuffer;
      this.#sql.exec("INSERT INTO pieces VALUES (?, ?)", sequence * PIECES + piece, bytes);
    }
    this.#sql.exec("INSERT OR REPLACE INTO numbers VALUES ('head', ?)", sequence);
    this.#keepMetadata(set);
    if (key !== undefined) {
      this.#sql.exec("INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)", writer, key, digest, sequence, now);
    }
    return { sequence, isReplay: false };
  }

  /** Returns the number of the set of a call, 0 for none. Undefined for a key that came with another digest. */
  find({ key, writer, digest }: KeyedCall, now: number): number | undefined {
    const [known] = this.#sql.exec(
      "SELECT digest, sequence FROM keys WHERE writer = ? AND key = ? AND at > ?",
      ...[writer, key, now - KEY_LIFE_MS],
    );
    if (!known) return 0;
    return known.digest === digest ? (known.sequence as number) : undefined;
  }

  read(after: number, maxBytes: number): LogPage {
    const { head } = this;
    const oldest = this.#number("SELECT min(id) AS n FROM pieces");
    const first = oldest === undefined ? head + 1 : Math.floor(oldest / PIECES);
    const sets: { sequence: number; bytes: Uint8Array }[] = [];
    let total = 0;
    for (const { id, bytes } of this.#sql.exec(
      "SELECT id, bytes FROM pieces WHERE id >= ? ORDER BY id",
      (after + 1) * PIECES,
    )) {
      const sequence = Math.floor((id as number) / PIECES);
      const piece = new Uint8Array(bytes as ArrayBuffer);
      const last = sets.at(-1);
      total += piece.byteLength;
      if (last?.sequence === sequence) {
        last.bytes = joinedBytes([last.bytes, piece]);
        continue;
      }
      if (last && total > maxBytes) break;
      sets.push({ sequence, bytes: piece });
    }
    return { sets, head, first };
  }

  /** Returns the metadata of classes as texts of JSON, by label. */
  metadata(labels: readonly string[]): ReadonlyMap<string, string> {
    const rows = this.#sql.exec(
      "SELECT label, text FROM metadata WHERE label IN (SELECT value FROM json_each(?))",
      JSON.stringify(labels),
    );
    return new Map(Array.from(rows, ({ label, text }) => [label as string, text as string]));
  }

  /** Keeps the last metadata of each class, which outlive the set: a version has only those in its columns. */
  #keepMetadata(set: Uint8Array): void {
    for (const [label, metadata] of metadataChanges(set)) {
      if (metadata) this.#sql.exec("INSERT OR REPLACE INTO metadata VALUES (?, ?)", label, JSON.stringify(metadata));
      else this.#sql.exec("DELETE FROM metadata WHERE label = ?", label);
    }
  }

  trim(upTo: number): void {
    this.#sql.exec("DELETE FROM pieces WHERE id < ?", (upTo + 1) * PIECES);
  }

  /**
   * Forgets keys that are too old to count. Returns the time at which the oldest other key came, undefined if there is none.
   */
  forgetKeys(now: number): number | undefined {
    this.#sql.exec("DELETE FROM keys WHERE at <= ?", now - KEY_LIFE_MS);
    return this.#number("SELECT min(at) AS n FROM keys");
  }

  #number(query: string): number | undefined {
    const [row] = this.#sql.exec(query);
    return (row?.n as number | null | undefined) ?? undefined;
  }
}
