import { type Piece, writeFlag } from "./estimate-message.ts";
import type { MessageReader } from "./message-bytes.ts";
import type { ClassMetadata, PartialClasses } from "./partial-answer.ts";
import { parsedJson, readTexts, writeTexts } from "./texts-message.ts";

/** The bits of the byte that says whether rows and metadata follow. */
const [ROWS, METADATA] = [1, 2];

/** The binary form of what is stored of classes. */
export const classesForm: Piece<PartialClasses> = {
  write: (writer, { ids, labels, rows, metadata }) => {
    writer.numbers(ids);
    writeFlag(writer, labels !== undefined);
    if (labels) writeTexts(writer, "labels", labels);
    writer.byte((rows ? ROWS : 0) + (metadata ? METADATA : 0));
    if (rows) writer.numbers(rows);
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
    const follow = reader.byte("hasRows", ROWS + METADATA);
    const rows =
      follow & ROWS
        ? reader.checked("rows", Float32Array<ArrayBuffer>, { expected: "finite numbers", isGood: Number.isFinite })
        : undefined;
    const metadata = follow & METADATA ? readTexts(reader, "metadata", ids.length).map(readValues(reader)) : undefined;
    return { ids, ...(labels && { labels }), ...(rows && { rows }), ...(metadata && { metadata }) };
  },
};

/** Reads the values of a class, and refuses what is no value of a column. */
const readValues =
  (reader: MessageReader) =>
  (text: string, i: number): ClassMetadata => {
    const values = parsedJson<ClassMetadata>(text);
    const isValue = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
    if (typeof values === "object" && !Array.isArray(values) && Object.values(values).every(isValue)) return values;
    return reader.refuse(`metadata[${i}]`, "the JSON of values by column", "other text");
  };
