import type { LoggedMetadata } from "../../changes/logged-header.ts";

/** The memory of a class beside the characters of its label and its metadata. */
const ENTRY_BYTES = 200;

interface Read {
  /** The number of the set that gave the metadata. */
  readonly sequence: number;
  /** As JSON, which takes less memory than objects do. */
  readonly text: string;
}

/** Metadata that were read in sets, which do not change: those of the classes that were asked for last, as many as have room. */
export class ReadMetadata {
  readonly #mostBytes: number;
  /** By label, those that were asked for last at the end. */
  readonly #read = new Map<string, Read>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Returns the metadata that a set has given a class. Undefined if they are not here. */
  of(label: string, sequence: number): LoggedMetadata | undefined {
    const read = this.#read.get(label);
    if (read?.sequence !== sequence) return undefined;
    this.#read.delete(label);
    this.#read.set(label, read);
    return JSON.parse(read.text);
  }

  /** Keeps the metadata that a set has given a class. */
  keep(label: string, sequence: number, metadata: LoggedMetadata): void {
    this.#remove(label);
    const read = { sequence, text: JSON.stringify(metadata) };
    this.#read.set(label, read);
    this.#bytes += bytesOf(label, read);
    for (const [oldest] of this.#read) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#remove(oldest);
    }
  }

  #remove(label: string): void {
    const read = this.#read.get(label);
    if (!read) return;
    this.#read.delete(label);
    this.#bytes -= bytesOf(label, read);
  }
}

const bytesOf = (label: string, { text }: Read): number => ENTRY_BYTES + 2 * (label.length + text.length);
