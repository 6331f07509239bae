import type { Encoding } from "hyparquet";
import { checkThrift, type Fields } from "./thrift.ts";

/** The header of a page (https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift). */
export interface PageHeader {
  readonly type: PageType;
  /** NaN if the number is missing. */
  readonly packedBytes: number;
  readonly pageBytes: number;
  /** The number of values of the column in the page, or of its dictionary. */
  readonly values: number;
  readonly encoding: Encoding | undefined;
  /** The levels of pages of the second version, which are never compressed. */
  readonly levels: LevelsHeader;
}

export interface LevelsHeader {
  readonly nulls: number;
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  readonly areValuesPacked: boolean;
}

type PageType = (typeof PAGE_TYPES)[number] | undefined;
const PAGE_TYPES = ["DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2"] as const;
/** The field with the rest of the header, by type. */
const PARTS = { DATA_PAGE: 5, INDEX_PAGE: 6, DICTIONARY_PAGE: 7, DATA_PAGE_V2: 8 } as const;

const ENCODINGS: readonly (Encoding | undefined)[] = [
  "PLAIN",
  undefined,
  "PLAIN_DICTIONARY",
  "RLE",
  "BIT_PACKED",
  "DELTA_BINARY_PACKED",
  "DELTA_LENGTH_BYTE_ARRAY",
  "DELTA_BYTE_ARRAY",
  "RLE_DICTIONARY",
  "BYTE_STREAM_SPLIT",
];

/** Reads the header at byte `begin`. `end` is the offset after it. Throws a FormatError as checkThrift does. */
export function readPageHeader(bytes: Uint8Array, begin: number, offset: number): { header: PageHeader; end: number } {
  const fields: Fields = new Map();
  const end = checkThrift(bytes, begin, offset, fields);
  const number = (name: string): number => {
    const value = fields.get(name);
    return typeof value === "number" ? value : Number.NaN;
  };
  const type = PAGE_TYPES[number("1")];
  const part = type === undefined ? 0 : PARTS[type];
  const header = {
    type,
    pageBytes: number("2"),
    packedBytes: number("3"),
    values: number(`${part}.1`),
    encoding: ENCODINGS[number(type === "DATA_PAGE_V2" ? "8.4" : `${part}.2`)],
    levels: {
      nulls: number("8.2"),
      definitionBytes: number("8.5"),
      repetitionBytes: number("8.6"),
      areValuesPacked: fields.get("8.7") !== false,
    },
  };
  return { header, end };
}
