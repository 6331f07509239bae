import { type Piece, writeFlag } from "./estimate-message.ts";
import type { ElementCheck, MessageReader } from "./message-bytes.ts";
import type { ClassMetadata, PartialClasses } from "./partial-answer.ts";
import { parsedJson, readTexts, writeTexts } from "./texts-message.ts";

const FINITE: ElementCheck = { expected: "finite numbers", isGood: Number.isFinite };
/** The forms of directions. */
const [NO_DIRECTIONS, ROWS, CODES] = [0, 1, 2];

/** The binary form of the stored values of classes. */
export const classesForm: Piece<PartialClasses> = {
  write: (writer, { ids, labels, rows, directions, metadata }) => {
    writer.numbers(ids);
    writeFlag(writer, labels !== undefined);
    if (labels) writeTexts(writer, "labels", labels);
    writeFlag(writer, rows !== undefined);
    if (rows) writer.numbers(rows);
    writer.byte(directions === undefined ? NO_DIRECTIONS : directions instanceof Int8Array ? CODES : ROWS);
    if (directions) writer.numbers(directions instanceof Int8Array ? bytesOf(directions) : directions);
    writeFlag(writer, metadata !== undefined);
    if (metadata) {
      const texts = metadata.map((values) => JSON.stringify(values));
      writeTexts(writer, "metadata", texts);
    }
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, {
      expected: "ascending ids from 0 on",
      isGood: (id, before) => id > (before ?? -1),
    });
    const labels = reader.flag("hasLabels") ? readTexts(reader, "labels", ids.length) : undefined;
    const rows = reader.flag("hasRows") ? reader.checked("rows", Float32Array<ArrayBuffer>, FINITE) : undefined;
    const directions = readDirections(reader);
    const hasMetadata = reader.flag("hasMetadata");
    const metadata = hasMetadata ? readTexts(reader, "metadata", ids.length).map(readValues(reader)) : undefined;
    return {
      ids,
      ...(labels && { labels }),
      ...(rows && { rows }),
      ...(directions && { directions }),
      ...(metadata && { metadata }),
    };
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

/** Reads the values of a class, and refuses anything that is no value of a column. */
const readValues =
  (reader: MessageReader) =>
  (text: string, i: number): ClassMetadata => {
    const values = parsedJson<ClassMetadata>(text);
    const isValue = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
    if (typeof values === "object" && !Array.isArray(values) && Object.values(values).every(isValue)) return values;
    return reader.refuse(`metadata[${i}]`, "the JSON of values by column", "other text");
  };
