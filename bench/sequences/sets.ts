import { raggedOf } from "../../src/train/model/tasks.ts";
import type { Sequences } from "../../src/train/sequences/sequences.ts";
import { loader, placeOf } from "../data.ts";

export const SET_NAMES = ["ml-1m", "ml-100k", "amazon-beauty", "diginetica", "ptb", "wikitext-2"] as const;
export type SetName = (typeof SET_NAMES)[number];

export interface SequenceSet {
  readonly train: Sequences;
  readonly valid: Sequences;
  readonly test: Sequences;
}

const ITEMS: Readonly<Record<SetName, number>> = {
  "ml-1m": 3706,
  "ml-100k": 1682,
  "amazon-beauty": 12_101,
  diginetica: 43_097,
  ptb: 10_000,
  "wikitext-2": 33_278,
};

/** Reads a set from the folder of data. */
export function readSet(set: SetName): SequenceSet {
  if (set === "ptb" || set === "wikitext-2") return words(set);
  return set === "diginetica" ? sessions(set) : clicks(set);
}

/** Leave one out: the last item of a user is the test, the one before it the validation. */
function clicks(set: "ml-1m" | "ml-100k" | "amazon-beauty"): SequenceSet {
  const { n, row } = loader().rag(`${placeOf(set)}/sequences.rag.gz`);
  const users = Array.from({ length: n }, (_, user) => row(user));
  const until = (left: number): Sequences => ({
    ...raggedOf(users.map((items) => items.slice(0, items.length - left))),
    itemCount: ITEMS[set],
  });
  return { train: until(2), valid: until(1), test: until(0) };
}

/** One training session in so many is for validation. */
const VALID_SHARE = 20;

/** The test has sessions of its own, of a later week. The validation is a part of the training sessions, which are in order of time. */
function sessions(set: "diginetica"): SequenceSet {
  const rowsOf = (part: string, isWanted: (row: number) => boolean): Sequences => {
    const { n, row } = loader().rag(`${placeOf(set)}/${part}.rag.gz`);
    const rows = Array.from({ length: n }, (_, at) => at).filter(isWanted);
    return { ...raggedOf(rows.map(row)), itemCount: ITEMS[set] };
  };
  return {
    train: rowsOf("train", (row) => row % VALID_SHARE !== 0),
    valid: rowsOf("train", (row) => row % VALID_SHARE === 0),
    test: rowsOf("test", () => true),
  };
}

function words(set: "ptb" | "wikitext-2"): SequenceSet {
  const { ptb, u16 } = loader();
  const of = (ids: Uint16Array): Sequences => ({ ...raggedOf([ids]), itemCount: ITEMS[set] });
  if (set === "ptb") {
    const { train, valid, test } = ptb(placeOf(set));
    return { train: of(train), valid: of(valid), test: of(test) };
  }
  const part = (name: string): Sequences => of(u16(`${placeOf(set)}/${name}.u16.gz`));
  return { train: part("train"), valid: part("valid"), test: part("test") };
}
