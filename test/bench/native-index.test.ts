import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { NativeIndex } from "../../bench/peers/native-index.ts";

/**
 * A program that talks as native/contender.hpp does. Its answers to a query are its first value, the effort and the
 * number of rows scored again, and then none. It writes the answer in two parts.
 */
const PROGRAM = `#!${process.execPath}
process.stdout.write(Buffer.from(Float64Array.of(0.5, 4096).buffer));
let given = Buffer.alloc(0);
process.stdin.on("data", (part) => {
  given = Buffer.concat([given, part]);
  if (given.length < 24) return;
  const [k, effort, rescored, queries, warmUp, batch] = new Int32Array(new Uint8Array(given.subarray(0, 24)).buffer);
  const dim = 2;
  if (given.length < 24 + 4 * dim * queries) return;
  const values = new Float32Array(new Uint8Array(given.subarray(24, 24 + 4 * dim * queries)).buffer);
  given = given.subarray(24 + 4 * dim * queries);
  const ids = new Int32Array(k * queries).fill(-1);
  for (let q = 0; q < queries; q++) ids.set([values[q * dim], effort, rescored], q * k);
  const micros = Float64Array.from({ length: queries / batch }, (_, at) => warmUp + at);
  process.stdout.write(Buffer.from(ids.buffer).subarray(0, 5));
  setTimeout(() => process.stdout.write(Buffer.concat([Buffer.from(ids.buffer).subarray(5), Buffer.from(micros.buffer)])), 5);
});
`;

const folder = mkdtempSync(`${tmpdir()}/midx-native-index-`);
const [program, saved] = [`${folder}/program`, `${folder}/saved`];
writeFileSync(program, PROGRAM);
chmodSync(program, 0o755);
writeFileSync(saved, "an index");
afterAll(() => rmSync(folder, { recursive: true }));

const EFFORTS = [
  { label: "ef 16", effort: 16, rescored: 1 },
  { label: "ef 32", effort: 32, rescored: 2 },
];

test("an index in a program answers bursts with its own times", async () => {
  const index = await NativeIndex.open(program, EFFORTS, saved, 2);
  expect([index.seconds, index.memoryBytes, index.bytes]).toEqual([0.5, 4096, 8]);
  expect(index.effortsFor().map((effort) => index.describe(10, effort))).toEqual(["ef 16", "ef 32"]);
  const queries = [7, 8, 9, 10].map((first) => Float32Array.of(first, 0.5));
  for (const [effort, [ef, rescored]] of [
    [16, 1],
    [32, 2],
  ].entries()) {
    const { answers, micros } = await index.burst(queries, { k: 4, effort, warmUp: 3, batch: 2 });
    expect(answers.map((ids) => [...ids])).toEqual([7, 8, 9, 10].map((first) => [first, ef, rescored]));
    expect(micros).toEqual([3, 4]);
  }
  index.dispose();
});

test("a program that ends instead of answering is an error, and does not wait for ever", async () => {
  const ending = `${folder}/ending`;
  writeFileSync(ending, `#!${process.execPath}\n`);
  chmodSync(ending, 0o755);
  await expect(NativeIndex.open(ending, EFFORTS, saved, 2)).rejects.toThrow("the program ended without an answer");
});
