import type { AppendOptions, KeyedCall, LogPage } from "../../src/publication/change-log.ts";

// The protocol between an object with a log and the isolates that use it. Only a binding leads to the object.

export const APPEND_PATH = "/append";
export const FIND_PATH = "/find";
export const READ_PATH = "/read";
export const TRIM_PATH = "/trim";
export const METADATA_PATH = "/metadata";
/** The status of the answer to a key that came with other changes. */
export const CONFLICT_STATUS = 422;
/** The status of the answer to a caller that has later changes than the log, whose last number is the body. */
export const OTHER_LOG_STATUS = 409;

const ORIGIN = "https://log.invalid";

/** Makes a request with fields in the query string. Keys of calls may have any character that a URL can quote. */
const requestTo = (path: string, fields: object, init?: RequestInit): Request =>
  new Request(new URL(`${path}?${new URLSearchParams(Object.entries(fields))}`, ORIGIN), init);

/** Makes the request of an append. Its answer is null for a set behind others that may leave no room for it. */
export const appendRequest = (
  set: Uint8Array,
  { key, writer = "", digest, after = 0, room = Number.POSITIVE_INFINITY }: AppendOptions,
): Request =>
  requestTo(
    APPEND_PATH,
    { after, room, ...(key !== undefined && { key, writer }), ...(digest !== undefined && { digest }) },
    { method: "POST", body: Uint8Array.from(set) },
  );

/** Makes the request for the number of the set of a call. Its answer is 0 for none. */
export const findRequest = (call: KeyedCall): Request => requestTo(FIND_PATH, call);

/** Makes the request for the sets behind a number. */
export const readRequest = (after: number, maxBytes: number): Request => requestTo(READ_PATH, { after, maxBytes });

export const trimRequest = (upTo: number): Request => requestTo(TRIM_PATH, { upTo }, { method: "POST" });

/** Makes the request for metadata. Its answer is a list of objects and nulls. */
export const metadataRequest = (labels: readonly string[]): Request =>
  requestTo(METADATA_PATH, {}, { method: "POST", body: JSON.stringify(labels) });

interface PageHead extends Pick<LogPage, "head" | "first"> {
  readonly sets: readonly { readonly sequence: number; readonly byteLength: number }[];
}

/** Writes a page: the length of a head of JSON, the head, and the sets end to end. */
export function encodePage({ head, first, sets }: LogPage): Uint8Array<ArrayBuffer> {
  const sizes = sets.map(({ sequence, bytes }) => ({ sequence, byteLength: bytes.byteLength }));
  const json = new TextEncoder().encode(JSON.stringify({ head, first, sets: sizes } satisfies PageHead));
  const page = new Uint8Array(4 + json.length + sizes.reduce((sum, { byteLength }) => sum + byteLength, 0));
  new DataView(page.buffer).setUint32(0, json.length, true);
  page.set(json, 4);
  let at = 4 + json.length;
  for (const { bytes } of sets) {
    page.set(bytes, at);
    at += bytes.byteLength;
  }
  return page;
}

export function decodePage(page: Uint8Array): LogPage {
  let at = 4 + new DataView(page.buffer, page.byteOffset).getUint32(0, true);
  const { head, first, sets }: PageHead = JSON.parse(new TextDecoder().decode(page.subarray(4, at)));
  return {
    head,
    first,
    sets: sets.map(({ sequence, byteLength }) => {
      at += byteLength;
      return { sequence, bytes: page.subarray(at - byteLength, at) };
    }),
  };
}
