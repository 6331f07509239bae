import { type Piece, writeFlag } from "./estimate-message.ts";
import type { ElementCheck, MessageReader } from "./message-bytes.ts";
import type { PartialClasses } from "./partial-answer.ts";
import { readTexts, writeTexts } from "./texts-message.ts";

const FINITE: ElementCheck = { expected: "finite numbers", isGood: Number.isFinite };
/** The forms of directions. */
const [NO_DIRECTIONS, ROWS, CODES] = [0, 1, 2];

/** The binary form of what is stored of classes. */
export const classesForm: Piece<PartialClasses> = {
  write: (writer, { ids, labels, rows, directions }) => {
    writer.numbers(ids);
    writeFlag(writer, labels !== undefined);
    if (labels) writeTexts(writer, "labels", labels);
    writeFlag(writer, rows !== undefined);
    if (rows) writer.numbers(rows);
    writer.byte(directions === undefined ? NO_DIRECTIONS : directions instanceof Int8Array ? CODES : ROWS);
    if (directions) writer.numbers(directions instanceof Int8Array ? bytesOf(directions) : directions);
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, {
      expected: "ascending ids from 0 on",
      isGood: (id, before) => id > (before ?? -1),
    });
    const labels = reader.flag("hasLabels") ? readTexts(reader, "labels", ids.length) : undefined;
    const rows = reader.flag("hasRows") ? reader.checked("rows", Float32Array<ArrayBuffer>, FINITE) : undefined;
    const directions = readDirections(reader);
    return { ids, ...(labels && { labels }), ...(rows && { rows }), ...(directions && { directions }) };
  },
};

const bytesOf = ({ buffer, byteOffset, byteLength }: Int8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function readDirections(reader: MessageReader): Float32Array | Int8Array | undefined {
  const form = reader.byte("directions", CODES);
  if (form === NO_DIRECTIONS) return undefined;
  if (form === CODES) return new Int8Array(reader.numbers("directions", Uint8Array<ArrayBuffer>).buffer);
  return reader.checked("directions", Float32Array<ArrayBuffer>, FINITE);
}
