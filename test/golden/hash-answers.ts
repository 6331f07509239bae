import type { ConditionOptions, MultiIndex } from "../../src/index.ts";
import { goldenQuery, QUERY_COUNT } from "./input.ts";

/** SHA-256 of all answers of five calls to each of the golden queries: every field, bit for bit. */
export async function hashAnswers(index: MultiIndex): Promise<string> {
  const parts = Array.from({ length: QUERY_COUNT }, (_, number) => answers(index, number).flatMap(bitsOf)).flat();
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return sha256(bytes);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The number of conditions and that of the scans have no common factor. */
const CONDITIONS: readonly ConditionOptions[] = [
  {},
  { temperature: 0.7 },
  { exclude: [0, 5, 17, 600, 999] },
  { allow: Int32Array.from({ length: 400 }, (_, i) => 2 * i), temperature: 1.6 },
  { allow: { bitmap: new Uint8Array(125).fill(0x6d) } },
];
const SCANS = [0, 60, 300, 1000] as const;

function answers(index: MultiIndex, number: number): readonly object[] {
  const query = goldenQuery(number);
  const conditions = CONDITIONS[number % CONDITIONS.length];
  const scan = SCANS[number % SCANS.length] as number;
  const options = { ...conditions, scan, seed: number };
  return [
    index.topK(query, 10, { ...conditions, recall: 0.9 }),
    index.topK(query, 10, { ...conditions, exact: true }),
    index.predict(query, 10, options),
    index.sample(query, 20, options),
    index.logPartition(query, options),
  ];
}

function bitsOf(answer: object): ArrayBufferView[] {
  return Object.values(answer).map((value: unknown) => {
    if (ArrayBuffer.isView(value)) return value;
    if (typeof value === "bigint") return BigUint64Array.of(value);
    if (typeof value === "number" || typeof value === "boolean") return Float64Array.of(Number(value));
    throw new TypeError(`an answer has a field whose bits are not known: ${String(value)}`);
  });
}
