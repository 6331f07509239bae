import { float32Of, int32Of, type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { reseal } from "./reseal.ts";

// Mutants of the small files as short programs of edits, one byte string each. So a fuzzer changes the meaning of a
// file and not its checksums, which are corrected at the end. Any bytes are a program.

/** Numbers that break readers, as i32 and f32 bits. */
const WORDS = Int32Array.from([
  ...[0, 1, 2, 3, -1, -2, 4, 39, 40, 41, 44, 45, 49, 50, 2 ** 31 - 1, -(2 ** 31)],
  ...[0x80000000, 0x00000001, 0x3f800000, 0xbf800000, 0x53800000, 0xd3800000, 0x53800001, 0x537fffff],
  ...[0x7f800000, 0xff800000, 0x7fc00000, 0x7f7fffff, 0x00800000, 0x34000000, 0x4b800000, 0x7c007c00],
]);

const NUMBER_KEYS = ["itemCount", "dim", "bits", "bucketCount", "largestBucket", "seed"] as const;
const NUMBERS = [
  "0",
  "1",
  "2",
  "3",
  "4",
  "9",
  "16",
  "40",
  "50",
  "51",
  "2147483647",
  "4294967295",
  "-1",
  "01",
  "1e1",
  "",
];
const CHOICES = [
  ["quantizer", "pq"],
  ["quantizer", "rq"],
  ["rows", "f32"],
  ["rows", "f16"],
  ["rows", "i8"],
  ["metric", "dot"],
  ["metric", "cosine"],
  ["hasBias", "true"],
  ["hasBias", "false"],
  ["hasFineCodes", "true"],
  ["hasFineCodes", "false"],
  ["formatVersion", "1.9"],
  ["formatVersion", "3.0"],
  ["sections", "dispersion/1/refuse"],
  ["sections", "outliers/1/refuse"],
  ["sections", "report/1/ignore later/1/ignore"],
  ["outliers.count", "5"],
  ["source", "ffffffffffffffff"],
  ["builder", "~"],
  ["format", "pt"],
] as const;

/** Reads a program, with zeros behind its end. */
class Program {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isOver(): boolean {
    return this.at >= this.bytes.length;
  }

  below(limit: number): number {
    const [low = 0, high = 0] = [this.bytes[this.at], limit > 256 ? this.bytes[this.at + 1] : 0];
    this.at += limit > 256 ? 2 : 1;
    return limit > 0 ? (low + 256 * high) % limit : 0;
  }

  of<T>(values: ArrayLike<T>): T {
    return values[this.below(values.length)] as T;
  }
}

type Mutable = { -readonly [K in keyof RawFile]: RawFile[K] };

/** Returns whether a tensor lies in the data, in whole words: after an edit of the table it may not. */
function isWhole({ tensors, data }: RawFile, name: string): boolean {
  const [begin, end] = tensors[name]?.data_offsets ?? [0, -1];
  return 0 <= begin && begin <= end && end <= data.length && begin % 4 === 0 && end % 4 === 0;
}

/** Returns the words of a tensor, or none. */
function wordsOf(raw: RawFile, program: Program): Int32Array {
  const name = program.of(Object.keys(raw.tensors));
  return isWhole(raw, name) ? int32Of(raw, name) : new Int32Array(0);
}

const EDITS: readonly ((raw: Mutable, program: Program) => void)[] = [
  /** Replaces a word of a tensor. */
  (raw, program) => {
    const words = wordsOf(raw, program);
    words[program.below(words.length)] = program.of(WORDS);
  },
  /** Fills a part of a tensor with one word. */
  (raw, program) => {
    const words = wordsOf(raw, program);
    const from = program.below(words.length);
    words.fill(program.of(WORDS), from, from + program.below(64));
  },
  /** Replaces a byte. */
  (raw, program) => {
    raw.data[program.below(raw.data.length)] = program.below(256);
  },
  /** Exchanges two words. Exchanged `ids` stay a permutation. */
  (raw, program) => {
    const words = wordsOf(raw, program);
    const [a, b] = [program.below(words.length), program.below(words.length)];
    [words[a], words[b]] = [words[b] as number, words[a] as number];
  },
  /** Copies a part of a tensor over another part. */
  (raw, program) => {
    const words = wordsOf(raw, program);
    const from = program.below(words.length);
    words.copyWithin(program.below(words.length), from, from + program.below(64));
  },
  /** Multiplies all floats of a tensor by a power of two. */
  (raw, program) => {
    const name = program.of(["codebook1", "codebook2", "bias", "fineCodebooks", "rowScales", "rows"]);
    if (!isWhole(raw, name) || raw.tensors[name]?.dtype !== "F32") return;
    const values = float32Of(raw, name);
    const factor = 2 ** (program.below(256) - 128);
    for (const [i, value] of values.entries()) values[i] = value * factor;
  },
  /** Moves the end of a bucket and corrects the fullest bucket, so that the file remains an index. */
  (raw, program) => {
    if (!isWhole(raw, "bucketOffsets")) return;
    const offsets = int32Of(raw, "bucketOffsets");
    const buckets = Math.min(Number(raw.metadata.bucketCount), offsets.length - 1);
    const bucket = program.below(buckets);
    offsets[bucket] = (offsets[bucket] as number) + program.below(9) - 4;
    let largest = 0;
    for (let b = 0; b < buckets; b++) largest = Math.max(largest, (offsets[b + 1] as number) - (offsets[b] as number));
    raw.metadata = { ...raw.metadata, largestBucket: String(largest) };
  },
  (raw, program) => {
    raw.metadata = { ...raw.metadata, [program.of(NUMBER_KEYS)]: program.of(NUMBERS) };
  },
  (raw, program) => {
    const [key, value] = program.of(CHOICES);
    raw.metadata = { ...raw.metadata, [key]: value };
  },
  /** Renames or removes a tensor's entry. */
  (raw, program) => {
    const [from, to] = [program.of(Object.keys(raw.tensors)), program.of([...Object.keys(raw.tensors), ""])];
    const entries = Object.entries(raw.tensors).flatMap(([name, tensor]): [string, typeof tensor][] =>
      name !== from ? [[name, tensor]] : to === "" ? [] : [[to, tensor]],
    );
    raw.tensors = Object.fromEntries(entries);
  },
  /** Changes a size or an offset. */
  (raw, program) => {
    const name = program.of(Object.keys(raw.tensors));
    const tensor = raw.tensors[name];
    if (tensor === undefined) return;
    const value = program.of(WORDS);
    const { shape, data_offsets: offsets } = tensor;
    const at = program.below(shape.length + 2);
    const changed = {
      ...tensor,
      shape: shape.map((size, i) => (i === at ? value : size)),
      data_offsets: offsets.map((offset, i) => (i + shape.length === at ? value : offset)) as unknown as [
        number,
        number,
      ],
    };
    raw.tensors = { ...raw.tensors, [name]: changed };
  },
  /** Cuts the file, or appends bytes. */
  (raw, program) => {
    const length = Math.max(0, raw.data.length + 4 * (program.below(256) - 128));
    const data = new Uint8Array(length);
    data.set(raw.data.subarray(0, length));
    raw.data = data;
  },
];

const MOST_EDITS = 24;

/** Returns the file that a program makes. */
export function editedFile(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const program = new Program(bytes);
  const raw: Mutable = readRaw(SMALL_FILES[program.of(SMALL_NAMES)]);
  const headerFlips = program.below(4) === 3 ? 1 + program.below(3) : 0;
  const at = Array.from({ length: headerFlips }, () => [program.below(65536), program.below(8)] as const);
  for (let i = 0; i < MOST_EDITS && !program.isOver; i++) program.of(EDITS)(raw, program);
  const file = writeRaw(raw);
  for (const [byte, bit] of at) {
    const place = byte % (file.length - raw.data.length);
    file[place] = (file[place] as number) ^ (1 << bit);
  }
  return headerFlips > 0 ? reseal(file) : file;
}
