import { type Piece, writeFlag } from "./estimate-message.ts";
import type { PartialClasses } from "./partial-answer.ts";
import { readTexts, writeTexts } from "./texts-message.ts";

/** The binary form of what is stored of classes. */
export const classesForm: Piece<PartialClasses> = {
  write: (writer, { ids, labels, rows }) => {
    writer.numbers(ids);
    writeFlag(writer, labels !== undefined);
    if (labels) writeTexts(writer, "labels", labels);
    writeFlag(writer, rows !== undefined);
    if (rows) writer.numbers(rows);
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, {
      expected: "ascending ids from 0 on",
      isGood: (id, before) => id > (before ?? -1),
    });
    const labels = reader.flag("hasLabels") ? readTexts(reader, "labels", ids.length) : undefined;
    const rows = reader.flag("hasRows")
      ? reader.checked("rows", Float32Array<ArrayBuffer>, { expected: "finite numbers", isGood: Number.isFinite })
      : undefined;
    return { ids, ...(labels && { labels }), ...(rows && { rows }) };
  },
};
