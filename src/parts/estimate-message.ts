import type { ScanChoice } from "../answers/answers.ts";
import { PROPOSALS, type Proposal } from "../answers/options.ts";
import type { MessageReader, MessageWriter } from "./message-bytes.ts";
import type { EstimateTerms, PartialEstimate } from "./partial-answer.ts";

const INFINITE = Number.POSITIVE_INFINITY;
const MOST_COUNT = Number.MAX_SAFE_INTEGER;

/** The functions that write and read a piece. */
export interface Piece<T> {
  readonly write: (writer: MessageWriter, piece: T) => void;
  readonly read: (reader: MessageReader) => T;
}

export const writeFlag = (writer: MessageWriter, value: boolean): void => writer.byte(value ? 1 : 0);

/** The numbers of an estimate in their order, with the least and the largest value of each. */
const LOG_PARTITION = [
  ["logPartition", -INFINITE, INFINITE],
  ["standardError", 0, INFINITE],
  ["modelError", 0, INFINITE],
  ["effectiveSampleSize", 0, INFINITE],
  ["headShare", 0, 2],
] as const;
const TERMS = [
  ["logUnit", -INFINITE, INFINITE],
  ["mass", 0, Number.MAX_VALUE],
  ["head", 0, Number.MAX_VALUE],
  ["proposal", 0, INFINITE],
  ["squares", 0, INFINITE],
  ["variance", 0, INFINITE],
  ["modelVariance", 0, INFINITE],
  ["draws", 0, MOST_COUNT],
  ["limit", 0, INFINITE],
] as const;
const TERM_FLAGS = ["isSampled", "isCalibrated", "isDoubtful"] as const;
const CHOICE = [
  ["scan", 0, MOST_COUNT],
  ["draws", 0, MOST_COUNT],
  ["expectedError", 0, INFINITE],
] as const;
/** The figures of the default head in a choice, if it was looked at. */
const DEFAULT_HEAD = [
  ["headShare", 0, 2],
  ["expectedErrorAtDefault", 0, INFINITE],
] as const;

type Ranges<Name extends string> = readonly (readonly [name: Name, low: number, high: number])[];

function writeDoubles<Name extends string>(
  writer: MessageWriter,
  ranges: Ranges<Name>,
  values: { readonly [Each in Name]?: number },
): void {
  for (const [name] of ranges) writer.double(values[name] as number);
}

function readDoubles<Name extends string>(reader: MessageReader, ranges: Ranges<Name>): Record<Name, number> {
  const read = {} as Record<Name, number>;
  for (const [name, low, high] of ranges) read[name] = reader.double(name, low, high);
  return read;
}

function writeTerms(writer: MessageWriter, terms: EstimateTerms): void {
  writeDoubles(writer, TERMS, terms);
  for (const name of TERM_FLAGS) writeFlag(writer, terms[name]);
}

function readTerms(reader: MessageReader): EstimateTerms {
  const terms: Partial<Record<keyof EstimateTerms, number | boolean>> = readDoubles(reader, TERMS);
  for (const name of TERM_FLAGS) terms[name] = reader.flag(name);
  return terms as EstimateTerms;
}

function writeChoice(writer: MessageWriter, choice: ScanChoice): void {
  writeDoubles(writer, CHOICE, choice);
  writeFlag(writer, choice.headShare !== undefined);
  if (choice.headShare !== undefined) writeDoubles(writer, DEFAULT_HEAD, choice);
  writer.byte(PROPOSALS.indexOf(choice.proposal));
  writeFlag(writer, choice.exact);
}

function readChoice(reader: MessageReader): ScanChoice {
  const numbers = readDoubles(reader, CHOICE);
  const defaultHead = reader.flag("choice.headShare") ? readDoubles(reader, DEFAULT_HEAD) : {};
  const proposal = PROPOSALS[reader.byte("choice.proposal", PROPOSALS.length - 1)] as Proposal;
  return { ...numbers, ...defaultHead, proposal, exact: reader.flag("choice.exact") };
}

/** The binary form of estimates. */
export const estimateForm: Piece<PartialEstimate> = {
  write: (writer, piece) => {
    writeDoubles(writer, LOG_PARTITION, piece);
    writeFlag(writer, piece.calibrated);
    writeFlag(writer, piece.lowEss);
    writeTerms(writer, piece.terms);
    writeFlag(writer, piece.bounds !== undefined);
    if (piece.bounds) for (const bound of [piece.bounds.lower, piece.bounds.upper]) writer.double(bound);
    writeFlag(writer, piece.choice !== undefined);
    if (piece.choice) writeChoice(writer, piece.choice);
  },
  read: (reader) => {
    const numbers = readDoubles(reader, LOG_PARTITION);
    const flags = { calibrated: reader.flag("calibrated"), lowEss: reader.flag("lowEss") };
    const terms = readTerms(reader);
    const hasBounds = reader.flag("bounds");
    const lower = hasBounds ? reader.double("lower", -INFINITE, INFINITE) : 0;
    const upper = hasBounds ? reader.double("upper", lower, INFINITE) : 0;
    const choice = reader.flag("choice") ? readChoice(reader) : undefined;
    return { ...numbers, ...flags, terms, ...(hasBounds && { bounds: { lower, upper } }), ...(choice && { choice }) };
  },
};
