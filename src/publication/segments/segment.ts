import { FormatError } from "../../bytes/format-error.ts";
import { joinedBytes } from "../../bytes/joined-bytes.ts";
import { jsonBytes, jsonIn } from "../json-bytes.ts";
import type { SegmentStore } from "./segment-store.ts";

/*
 * A segment has sets of a log end to end behind a line of JSON:
 *
 *   {"kind":"segment","formatVersion":1,"first":17,"sets":[{"id":"…","digest":"…","byteLength":912}]}␊ the sets
 *
 * The segment of an appended set has one set, and a rolled-up one has SEGMENT_SETS of them.
 */

/** The facts that a segment states about a set. */
export interface SetFacts {
  /** A random name of the call that appended the set, by which it recognises its own set after a lost answer. */
  readonly id: string;
  /** The SHA-256 of the set. */
  readonly digest: string;
  /** The name of the claim of the call's key, if it had one. */
  readonly claim?: string;
}

/** A set with the facts that its segment states about it. */
export interface SegmentSet {
  readonly facts: SetFacts;
  readonly bytes: Uint8Array;
}

/** The number of sets of a rolled-up segment. */
export const SEGMENT_SETS = 64;

const FORMAT_VERSION = 1;
const LINE_FEED = 10;

/** Writes the segment of sets, the first of which has the number `first`. */
export function encodeSegment(first: number, sets: readonly SegmentSet[]): Uint8Array<ArrayBuffer> {
  const facts = sets.map(({ facts: { id, digest, claim }, bytes: { byteLength } }) => ({
    id,
    digest,
    ...(claim !== undefined && { claim }),
    byteLength,
  }));
  const line = jsonBytes({ kind: "segment", formatVersion: FORMAT_VERSION, first, sets: facts });
  return joinedBytes([line, ...sets.map((set) => set.bytes)]);
}

/**
 * Reads the segment of a store that begins with the number `first`. Undefined if there is none. The sets have checksums of their own.
 *
 * @throws FormatError that names the place, for bytes that are no such segment
 */
export async function storedSegment(
  store: SegmentStore,
  key: string,
  first: number,
): Promise<readonly SegmentSet[] | undefined> {
  const stored = await store.get(key);
  return stored && decodedSegment(`${store.name}: ${key}`, first, stored.bytes);
}

function decodedSegment(place: string, first: number, bytes: Uint8Array): readonly SegmentSet[] {
  const end = bytes.indexOf(LINE_FEED);
  const header = end < 0 ? undefined : (jsonIn(bytes.subarray(0, end)) as Record<string, unknown> | null | undefined);
  const fail = (expected: string): never => {
    throw new FormatError("segment", 0, `${place}: expected ${expected}: put the object back as midx wrote it`);
  };
  if (header?.kind !== "segment" || header.formatVersion !== FORMAT_VERSION) return fail("a segment of a log");
  const hasSets = Array.isArray(header.sets) && header.sets.length > 0 && header.sets.every(isSet);
  if (header.first !== first || !hasSets) {
    return fail(`the segment that begins with set ${first}`);
  }
  const stored = header.sets as readonly StoredFacts[];
  const total = stored.reduce((sum, set) => sum + set.byteLength, end + 1);
  if (total !== bytes.byteLength) return fail(`${total} bytes, got ${bytes.byteLength}`);
  let at = end + 1;
  return stored.map(({ byteLength, ...facts }) => {
    // A store in Node may give a Buffer, whose slices are not copies.
    const set = { facts, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + at, byteLength) };
    at += byteLength;
    return set;
  });
}

interface StoredFacts extends SetFacts {
  readonly byteLength: number;
}

function isSet(value: unknown): value is StoredFacts {
  const { id, digest, claim, byteLength } = (value ?? {}) as Partial<Record<keyof StoredFacts, unknown>>;
  const isText = typeof id === "string" && typeof digest === "string";
  const isClaim = claim === undefined || typeof claim === "string";
  return isText && isClaim && Number.isSafeInteger(byteLength) && (byteLength as number) >= 0;
}
