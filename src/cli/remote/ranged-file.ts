import { FormatError } from "../../bytes/format-error.ts";
import { type InputFile, readWith, truncated } from "../files/input-file.ts";
import { fillByPieces, PIECES_BYTES } from "./pieces.ts";
import { passing, type Tries, TryAgain, withTries } from "./tries.ts";

/** The version of a file when it was first read. A file that changes afterwards is refused. */
export interface Pin {
  readonly byteLength: number;
  /** The strong ETag, in its quotes, or the time of the last change. */
  readonly validator: string;
}

/** A file at a URL, which is read by ranges. */
export interface RangedFile extends InputFile {
  readonly pin: Pin;
  /** The most memory that reading takes beyond the caller's buffers. */
  readonly bufferBytes: number;
  /** Opens a file of the same folder. */
  openBeside(name: string): Promise<RangedFile>;
}

/** A URL with the settings of its requests. */
export interface RangeSource {
  /** The name in messages. */
  readonly shown: string;
  readonly signal: AbortSignal;
  readonly tries?: Tries | undefined;
  send(init: RequestInit & { readonly headers: Record<string, string> }): Promise<Response>;
  /** Returns the error for a status that is neither a success nor temporary. */
  refusal(response: Response): Promise<Error>;
  beside(name: string): RangeSource;
}

/** The bytes of the first request: enough for the header of most files. */
const START_BYTES = 2 ** 16;

/**
 * Opens a file at a URL with one request, which pins it. Every further request demands the pinned file.
 *
 * @throws Error if the server has no such file, ignores ranges or does not say which version it sends, or if the file is not
 *   the one that was `planned`
 */
export async function openRanged(source: RangeSource, planned?: Pin): Promise<RangedFile> {
  const { bytes: start, pin } = await requestRange(source, 0, START_BYTES, planned && { ...planned, isPlanned: true });
  const { byteLength } = pin;
  const known = { ...pin, isPlanned: planned !== undefined };
  const closed = new AbortController();
  const open = { ...source, signal: AbortSignal.any([source.signal, closed.signal]) };
  const fromPieces = fillByPieces(
    byteLength,
    async (begin, end) => (await requestRange(open, begin, end, known)).bytes,
  );
  const fill: InputFile["fill"] = async (position, bytes) => {
    const end = position + bytes.byteLength;
    if (end > byteLength) throw truncated(byteLength, end - byteLength);
    if (end <= start.byteLength) bytes.set(start.subarray(position, end));
    else await fromPieces(position, bytes);
  };
  return {
    path: source.shown,
    byteLength,
    pin,
    fill,
    read: readWith(byteLength, fill),
    bufferBytes: start.byteLength + (byteLength > start.byteLength ? PIECES_BYTES : 0),
    openBeside: (name) => openRanged(source.beside(name)),
    close: async () => closed.abort(new Error(`${source.shown} is closed`)),
  };
}

/** The version of a file that is demanded. */
interface Known extends Pin {
  readonly isPlanned: boolean;
}

interface Range {
  readonly bytes: Uint8Array;
  readonly pin: Pin;
}

function requestRange(source: RangeSource, begin: number, end: number, pin: Known | undefined): Promise<Range> {
  const headers = {
    range: `bytes=${begin}-${end - 1}`,
    "accept-encoding": "identity", // a range of compressed bytes would be of no use
    ...(pin && conditionOf(pin)),
  };
  return withTries(
    source.shown,
    source,
    (init) => source.send({ ...init, headers }),
    async (response) => {
      try {
        return await rangeOf(source, response, begin, end, pin);
      } finally {
        if (!response.bodyUsed) response.body?.cancel().catch(() => {}); // the rest is not wanted
      }
    },
  );
}

const conditionOf = ({ validator }: Pin): Record<string, string> =>
  validator.startsWith('"') ? { "if-match": validator } : { "if-unmodified-since": validator };

async function rangeOf(
  source: RangeSource,
  response: Response,
  begin: number,
  end: number,
  pin: Known | undefined,
): Promise<Range> {
  const { shown } = source;
  const { status, headers } = response;
  if (status === 429 || status >= 500) throw new TryAgain(`status ${status}`);
  if (status === 412) throw changed(source, pin);
  if (status === 200)
    throw new Error(`${shown}: the server ignores ranges of a file (200 instead of 206): ${ELSEWHERE}`);
  if (status === 416 && begin === 0) throw new FormatError("file-truncated", 0, "the file is empty");
  if (status === 416) throw changed(source, pin);
  if (status !== 206) throw await source.refusal(response);
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "")?.map(Number) ?? [];
  const encoding = headers.get("content-encoding") ?? "identity";
  if (total === undefined || from !== begin || encoding !== "identity") {
    throw new Error(`${shown}: the server sent another range than was requested, or a compressed one: ${ELSEWHERE}`);
  }
  const found = { byteLength: total, validator: validatorOf(shown, headers) };
  if (pin && (found.byteLength !== pin.byteLength || found.validator !== pin.validator)) throw changed(source, pin);
  const wanted = Math.min(end, total) - begin;
  if (to !== begin + wanted - 1) throw new TryAgain(`it sent ${(to ?? 0) + 1 - begin} of ${wanted} bytes`);
  return { bytes: await bodyOf(response, wanted), pin: found };
}

const ELSEWHERE = "read it from a server that supports ranges, such as nginx or an object store, or download it first";

/** Reads exactly `byteLength` bytes. A connection that is cut ends a body too early. */
async function bodyOf({ body }: Response, byteLength: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  const reader = body?.getReader();
  let filled = 0;
  for (;;) {
    const { value } = reader ? await passing(reader.read()) : { value: undefined };
    if (value === undefined) break;
    if (filled + value.byteLength > byteLength) throw new TryAgain(`it sent more than ${byteLength} bytes`);
    bytes.set(value, filled);
    filled += value.byteLength;
  }
  if (filled < byteLength) throw new TryAgain(`it sent ${filled} of ${byteLength} bytes`);
  return bytes;
}

function validatorOf(shown: string, headers: Headers): string {
  const etag = headers.get("etag");
  const validator = etag?.startsWith('"') ? etag : headers.get("last-modified");
  if (validator) return validator;
  throw new Error(
    `${shown}: the server sends neither an ETag nor Last-Modified, so a change could not be seen: ${ELSEWHERE}`,
  );
}

function changed({ shown }: RangeSource, known: Known | undefined): Error {
  const pinned = known && ` (${known.byteLength} bytes, ${known.validator})`;
  const [since, remedy] = known?.isPlanned
    ? ["the plan was made", "make the plan again"]
    : ["it was first read", "run the command again, with a file that stays"];
  return new Error(`${shown}: the file has changed since ${since}${pinned ?? ""}: ${remedy}`);
}
