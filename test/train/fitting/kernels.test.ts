import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import type { TrainKernels } from "../../../src/train/runtime/kernels.ts";
import { BUILDS, trainKernels } from "../instances.ts";
import { integerRows, randomCodes, randomRows } from "../rows.ts";
import { f32At, f64At, place, struct } from "./memory.ts";
import * as reference from "./reference.ts";

/** Makes about half of all buckets (k1, k2), in ascending order, with small whole weights. */
function someBuckets(bits: number): reference.Buckets {
  const all = Int32Array.from({ length: 4 ** bits }, (_, code) => code);
  const codes = bits === 0 ? all : all.filter((code) => (code * 7) % 5 < 3);
  return { bits, codes, weights: Float64Array.from(codes, (code) => 1 + (code % 3)) };
}

function panelsOf(kernels: TrainKernels, vectors: Float32Array, count: number, dim: number): Float32Array {
  const panels = new Float32Array(Math.ceil(count / 8) * (dim + 1) * 8);
  const [vectorsPtr, panelsPtr] = place(kernels, vectors, panels);
  kernels.packPanels(vectorsPtr, count, dim, panelsPtr);
  return f32At(kernels, panelsPtr, panels.length);
}

const targetOf = (kernels: TrainKernels, offsets: number, out: number): number =>
  struct(kernels, 0, { [structs.TARGET_OFFSETS]: offsets, [structs.TARGET_OUT]: out });

const tablesOf = (kernels: TrainKernels, index: number, first: number, second: number, width: number): number =>
  struct(kernels, index, {
    [structs.TABLES_FIRST]: first,
    [structs.TABLES_SECOND]: second,
    [structs.TABLES_WIDTH]: width,
  });

const blockOf = (
  kernels: TrainKernels,
  index: number,
  values: number,
  width: number,
  count: number,
  first = 0,
): number =>
  struct(kernels, index, {
    [structs.LOGITS_VALUES]: values,
    [structs.LOGITS_WIDTH]: width,
    [structs.LOGITS_FIRST]: first,
    [structs.LOGITS_COUNT]: count,
  });

/** e^x of exp4 is off by at most 8.2e-8, and a sum of n f32 by at most n/2 units of 2^-24. */
const within = (terms: number): number => 1e-7 + terms * 2 ** -24;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [got, want] = [actual[i] as number, expected[i] as number];
    expect(Math.abs(got - want), `at ${i}`).toBeLessThanOrEqual(relative * Math.abs(want) + 1e-30);
  }
}

describe.each(BUILDS)("%s", (build) => {
  const kernels = trainKernels(build);

  test("panelProducts is exact on integers, at every awkward size", () => {
    for (const rowCount of [1, 2, 3, 4, 5, 8, 9]) {
      for (const dim of [0, 1, 3, 8, 17]) {
        for (const count of [1, 7, 8, 9, 17]) {
          const [rows, vectors] = [integerRows(rowCount * dim, 1), integerRows(count * dim, 2)];
          const offsets = integerRows(rowCount, 3);
          const expected = reference.panelProducts(rows, vectors, rowCount, count, dim, offsets);
          const panels = panelsOf(kernels, vectors, count, dim);
          const out = new Float32Array(expected.length);
          const [rowsPtr, panelsPtr, offsetsPtr, outPtr] = place(kernels, rows, panels, offsets, out);
          kernels.panelProducts(rowsPtr, panelsPtr, rowCount, count, dim, targetOf(kernels, offsetsPtr, outPtr));
          expect(f32At(kernels, outPtr, out.length)).toEqual(Float32Array.from(expected));
        }
      }
    }
  });

  test("panelProducts reads no row beyond the last, where the memory ends", () => {
    const vectors = integerRows(8 * 5, 2);
    const panels = panelsOf(kernels, vectors, 8, 5);
    const rows = integerRows(3 * 5, 1);
    const [panelsPtr, offsetsPtr, outPtr, rowsPtr] = place(
      kernels,
      panels,
      new Float32Array(3),
      new Float32Array(24),
      rows,
    );
    kernels.panelProducts(rowsPtr, panelsPtr, 3, 8, 5, targetOf(kernels, offsetsPtr, outPtr));
    const expected = reference.panelProducts(rows, vectors, 3, 8, 5, new Float32Array(3));
    expect(f32At(kernels, outPtr, 24)).toEqual(Float32Array.from(expected));
  });

  test("addPartitions gives the log-sum-exp of every column, in pieces and however far apart the logits are", () => {
    const [rowCount, width] = [700, 8];
    for (const spread of [1, 50, 1000]) {
      const logits = randomRows(rowCount * width, 4).map((value) => value * spread);
      const maxima = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
      const [logitsPtr, maximaPtr, sumsPtr] = place(kernels, logits, maxima, new Float64Array(width));
      kernels.addPartitions(logitsPtr, 300, width, maximaPtr, sumsPtr);
      kernels.addPartitions(logitsPtr + 300 * width * 4, rowCount - 300, width, maximaPtr, sumsPtr);
      const tops = f32At(kernels, maximaPtr, width);
      const found = f64At(kernels, sumsPtr, width).map((sum, q) => (tops[q] as number) + Math.log(sum));
      expectClose(found, reference.logSums(logits, width), 1e-6);
    }
  });

  test("addCodewordMasses and addClassMasses add up the softmax, the one by codeword, the other by class", () => {
    const [rowCount, width, codewordCount] = [90, 16, 5];
    const logits = randomRows(rowCount * width, 5).map((value) => 6 * value);
    const logPartitions = Float32Array.from(reference.logSums(logits, width));
    const [codes1, codes2] = [randomCodes(rowCount, codewordCount, 1), randomCodes(rowCount, codewordCount, 2)];
    const tables = new Float32Array(codewordCount * width);
    const [logitsPtr, codes1Ptr, codes2Ptr, partitionsPtr, masses1Ptr, masses2Ptr, classesPtr] = place(
      kernels,
      ...[logits, codes1, codes2, logPartitions, tables, tables, new Float64Array(rowCount)],
    ) as readonly [number, number, number, number, number, number, number];
    const lists = struct(kernels, 0, { [structs.LISTS_CODES_1]: codes1Ptr, [structs.LISTS_CODES_2]: codes2Ptr });
    const masses = tablesOf(kernels, 1, masses1Ptr, masses2Ptr, width);
    kernels.addCodewordMasses(blockOf(kernels, 2, logitsPtr, width, rowCount), lists, partitionsPtr, masses);
    kernels.addClassMasses(logitsPtr, rowCount, width, partitionsPtr, classesPtr);
    for (const [address, codes] of [
      [masses1Ptr, codes1],
      [masses2Ptr, codes2],
    ] as const) {
      const expected = reference.codewordMasses(logits, width, codes, logPartitions, codewordCount);
      expectClose(f32At(kernels, address, tables.length), expected, within(rowCount));
    }
    const classes = f64At(kernels, classesPtr, rowCount);
    expectClose(classes, reference.classMasses(logits, width, logPartitions), within(width));
  });

  test("a column whose log Z is +∞ adds next to nothing to the classes", () => {
    const logPartitions = new Float32Array(4).fill(Number.POSITIVE_INFINITY);
    const [logitsPtr, partitionsPtr, massesPtr] = place(
      kernels,
      integerRows(12, 1),
      logPartitions,
      new Float64Array(3),
    );
    kernels.addClassMasses(logitsPtr, 3, 4, partitionsPtr, massesPtr);
    expect(Math.max(...f64At(kernels, massesPtr, 3))).toBeLessThan(1e-36);
  });

  test("columnFactors has the exponentials of every column, the largest 1", () => {
    const [count, width] = [9, 8];
    const scores = randomRows(count * width, 6).map((value) => 30 * value);
    const [scoresPtr, maximaPtr, factorsPtr] = place(
      kernels,
      scores,
      new Float32Array(width),
      new Float64Array(count * width),
    );
    kernels.columnFactors(scoresPtr, count, width, factorsPtr, maximaPtr);
    const maxima = f32At(kernels, maximaPtr, width);
    for (let q = 0; q < width; q++) {
      expect(maxima[q]).toBe(Math.max(...reference.columnOf(scores, width, q)));
    }
    const expected = Float64Array.from(scores, (score, i) => Math.exp(score - (maxima[i % width] as number)));
    expectClose(f64At(kernels, factorsPtr, expected.length), expected, 1e-14);
  });

  test("proposalMasses and tailMasses are exact on integers; the tail leaves out what is flagged", () => {
    const width = 16;
    for (const bits of [0, 1, 3]) {
      const buckets = someBuckets(bits);
      const { codes, weights } = buckets;
      const length = width << bits;
      const [factors1, factors2] = [integerRows(length, 7), integerRows(length, 8)].map((f) =>
        Float64Array.from(f, Math.abs),
      ) as [Float64Array, Float64Array];
      const flags = Uint8Array.from(codes, (_, b) => (b % 3 === 0 ? 1 : 0));
      const garbage = new Float64Array(length).fill(9);
      const [codesPtr, weightsPtr, flagsPtr, factors1Ptr, factors2Ptr, masses1Ptr, masses2Ptr, totalsPtr] = place(
        kernels,
        ...[codes, weights, flags, factors1, factors2, garbage, garbage, new Float64Array(width)],
      ) as readonly [number, number, number, number, number, number, number, number];
      const lists = struct(kernels, 0, {
        [structs.LISTS_BUCKET_COUNT]: codes.length,
        [structs.LISTS_BITS]: bits,
        [structs.LISTS_CODES]: codesPtr,
        [structs.LISTS_WEIGHTS]: weightsPtr,
        [structs.LISTS_FLAGS]: flagsPtr,
      });
      const factors = tablesOf(kernels, 1, factors1Ptr, factors2Ptr, width);
      const masses = tablesOf(kernels, 2, masses1Ptr, masses2Ptr, width);
      kernels.proposalMasses(lists, factors, masses, totalsPtr);
      for (let q = 0; q < width; q++) {
        const { by1, by2, total } = reference.proposalMasses(buckets, factors1, factors2, width, q);
        expect([...reference.columnOf(f64At(kernels, masses1Ptr, length), width, q)]).toEqual([...by1]);
        expect([...reference.columnOf(f64At(kernels, masses2Ptr, length), width, q)]).toEqual([...by2]);
        expect(f64At(kernels, totalsPtr, width)[q]).toBe(total);
      }
      new Float64Array(kernels.memory.buffer, masses1Ptr, length).fill(0);
      new Float64Array(kernels.memory.buffer, masses2Ptr, length).fill(0);
      const q = 3;
      const tail = kernels.tailMasses(lists, factors, masses, q);
      const expected = reference.proposalMasses(buckets, factors1, factors2, width, q, (b) => flags[b] === 0);
      expect(tail).toBe(expected.total);
      expect([...reference.columnOf(f64At(kernels, masses1Ptr, length), width, q)]).toEqual([...expected.by1]);
      expect([...reference.columnOf(f64At(kernels, masses2Ptr, length), width, q)]).toEqual([...expected.by2]);
      expect([...reference.columnOf(f64At(kernels, masses2Ptr, length), width, 0)]).toEqual(Array(2 ** bits).fill(0));
    }
  });

  test("densityKeys are in the order of the log masses per class, of negative numbers too", () => {
    const [bits, stride] = [2, 3];
    const { codes } = someBuckets(bits);
    const logDensities = randomRows(codes.length, 9);
    const [scores1, scores2] = [randomRows(4 * stride, 10), randomRows(4 * stride, 11)];
    const [codesPtr, densitiesPtr, scores1Ptr, scores2Ptr, keysPtr] = place(
      kernels,
      ...[codes, logDensities, scores1, scores2, new Int32Array(codes.length)],
    ) as readonly [number, number, number, number, number];
    const lists = struct(kernels, 0, {
      [structs.LISTS_BUCKET_COUNT]: codes.length,
      [structs.LISTS_BITS]: bits,
      [structs.LISTS_CODES]: codesPtr,
      [structs.LISTS_LOG_DENSITIES]: densitiesPtr,
    });
    kernels.densityKeys(lists, tablesOf(kernels, 1, scores1Ptr, scores2Ptr, stride), 1, keysPtr);
    const keys = new Int32Array(kernels.memory.buffer.slice(keysPtr, keysPtr + codes.length * 4));
    const f = Math.fround;
    const sums = Float32Array.from(codes, (code, b) =>
      f(
        f((scores1[(code >> bits) * stride + 1] as number) + (scores2[(code % 4) * stride + 1] as number)) +
          (logDensities[b] as number),
      ),
    );
    const byKey = Array.from(keys.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number));
    const bySum = Array.from(sums.keys()).sort((a, b) => (sums[a] as number) - (sums[b] as number));
    expect(byKey).toEqual(bySum);
  });

  test("chooseHead takes what a sort by key takes, for every target, with ties and buckets larger than the target", () => {
    for (const [seed, magnitude] of [
      [1, 3],
      [2, 2 ** 20],
      [3, 2 ** 31 - 1],
    ] as const) {
      const keys = Int32Array.from(randomRows(40, seed), (value) => Math.round(value * magnitude));
      const counts = Int32Array.from(randomRows(40, seed + 10), (value) => 1 + Math.floor(Math.abs(value) * 12));
      const [keysPtr, countsPtr, tallyPtr, flagsPtr] = place(
        kernels,
        ...[keys, counts, new Int32Array(2048), new Uint8Array(40)],
      ) as readonly [number, number, number, number];
      for (let target = 0; target <= 300; target++) {
        const taken = kernels.chooseHead(keysPtr, countsPtr, 40, target, tallyPtr, flagsPtr);
        const flags = new Uint8Array(kernels.memory.buffer.slice(flagsPtr, flagsPtr + 40));
        const expected = reference.chooseHead(keys, counts, target);
        expect(flags, `target ${target}`).toEqual(expected);
        expect(taken).toBe(counts.reduce((sum, count, b) => sum + count * (expected[b] as number), 0));
      }
    }
  });

  test("headMasses is the softmax of the flagged buckets' classes", () => {
    const [itemCount, bits, stride] = [23, 1, 2];
    for (const dim of [1, 4, 7]) {
      const rows = randomRows(itemCount * dim, 12);
      const [biases, query] = [randomRows(itemCount, 13), randomRows(dim, 14)];
      const ids = Int32Array.from({ length: itemCount }, (_, i) => (i * 7) % itemCount);
      const codes = Int32Array.of(0, 1, 3);
      const offsets = Int32Array.of(0, 5, 17, 23);
      const flags = Uint8Array.of(1, 0, 1);
      const table = new Float64Array(2 * stride);
      const [codesPtr, flagsPtr, offsetsPtr, idsPtr, rowsPtr, biasesPtr, queryPtr, masses1Ptr, masses2Ptr] = place(
        kernels,
        ...[codes, flags, offsets, ids, rows, biases, query, table, table],
      ) as readonly [number, number, number, number, number, number, number, number, number];
      const lists = struct(kernels, 0, {
        [structs.LISTS_BUCKET_COUNT]: 3,
        [structs.LISTS_BITS]: bits,
        [structs.LISTS_CODES]: codesPtr,
        [structs.LISTS_FLAGS]: flagsPtr,
        [structs.LISTS_OFFSETS]: offsetsPtr,
        [structs.LISTS_IDS]: idsPtr,
      });
      const classes = struct(kernels, 1, {
        [structs.CLASSES_ROWS]: rowsPtr,
        [structs.CLASSES_BIASES]: biasesPtr,
        [structs.CLASSES_DIM]: dim,
      });
      const masses = tablesOf(kernels, 2, masses1Ptr, masses2Ptr, stride);
      const sum = kernels.headMasses(classes, lists, queryPtr, 2.5, masses, 1);
      const bucketMass = (b: number): number =>
        [...ids.subarray(offsets[b], offsets[b + 1])].reduce((total, id) => {
          let logit = biases[id] as number;
          for (let d = 0; d < dim; d++) logit += (query[d] as number) * (rows[id * dim + d] as number);
          return total + Math.exp(logit - 2.5);
        }, 0);
      const [first, last] = [bucketMass(0), bucketMass(2)];
      expectClose([sum], [first + last], 1e-13);
      expectClose(f64At(kernels, masses1Ptr, 4), [0, first, 0, last], 1e-13);
      expectClose(f64At(kernels, masses2Ptr, 4), [0, first, 0, last], 1e-13);
    }
  });

  test("addDivergence has the terms of KL and of P²/Q, with buckets in the head and in the tail", () => {
    const [rowCount, width] = [30, 8];
    const [logits, biases] = [randomRows(rowCount * width, 15), randomRows(rowCount, 16)];
    const buckets = Int32Array.from(randomCodes(rowCount, 3, 17));
    const logMasses = Float64Array.of(-3.5, Number.POSITIVE_INFINITY, -2.25);
    const before = 7;
    const [logitsPtr, biasesPtr, bucketsPtr, massesPtr] = place(
      kernels,
      ...[logits, new Float32Array([...Array(before).fill(9), ...biases])],
      ...[Int32Array.of(...Array(before).fill(9), ...buckets), logMasses],
    ) as readonly [number, number, number, number];
    const [logPartition, logProposal] = [3.25, 3.5];
    const proposal = struct(
      kernels,
      0,
      { [structs.PROPOSAL_LOG_MASSES]: massesPtr, [structs.PROPOSAL_COLUMN]: 2 },
      {
        [structs.PROPOSAL_LOG_PARTITION]: logPartition,
        [structs.PROPOSAL_LOG_TOTAL]: logProposal,
        [structs.PROPOSAL_DIVERGENCE]: 0,
        [structs.PROPOSAL_SQUARE]: 0,
      },
    );
    const classes = struct(kernels, 1, { [structs.CLASSES_BIASES]: biasesPtr });
    const lists = struct(kernels, 2, { [structs.LISTS_BUCKET_OF]: bucketsPtr });
    kernels.addDivergence(blockOf(kernels, 3, logitsPtr, width, rowCount, before), classes, lists, proposal);
    let [kl, square] = [0, 0];
    for (let i = 0; i < rowCount; i++) {
      const logit = logits[i * width + 2] as number;
      const logMass = logMasses[buckets[i] as number] as number;
      const logQ = logMass === Number.POSITIVE_INFINITY ? logit - logProposal : logMass + (biases[i] as number);
      const logP = logit - logPartition;
      kl += Math.exp(logP) * (logP - logQ);
      square += Math.exp(2 * logP - logQ);
    }
    expectClose(f64At(kernels, proposal + structs.PROPOSAL_DIVERGENCE, 2), [kl, square], 1e-12);
  });

  test("addMoveLosses has the terms of KL that a class adds in a bucket, and none where the bucket is in the head", () => {
    const [rowCount, width, bits] = [20, 8, 1];
    const logits = randomRows(rowCount * width, 20).map((value) => 4 * value);
    const biases = randomRows(rowCount, 21);
    const [codes1, codes2] = [randomCodes(rowCount, 2, 22), randomCodes(rowCount, 2, 23)];
    const [scores1, scores2] = [randomRows(2 * width, 24), randomRows(2 * width, 25)];
    const logDensities = Float32Array.of(0.25, Number.NEGATIVE_INFINITY, -0.5, 0.125);
    const [logPartitions, logTotals] = [randomRows(width, 26), randomRows(width, 27)].map((values) =>
      values.map((value) => value + 5),
    ) as [Float32Array, Float32Array];
    const thresholds = Float32Array.from(randomRows(width, 28), (value, q) =>
      q === 0 ? Number.POSITIVE_INFINITY : q === 1 ? Number.NEGATIVE_INFINITY : value,
    );
    // This column has no query.
    logPartitions[1] = Number.POSITIVE_INFINITY;
    const before = Float64Array.from(randomRows(rowCount, 29));
    const [logitsPtr, biasesPtr, codes1Ptr, codes2Ptr, scores1Ptr, scores2Ptr, densitiesPtr, ...rest] = place(
      kernels,
      ...[logits, biases, codes1, codes2, scores1, scores2, logDensities, logPartitions, logTotals, thresholds, before],
    ) as readonly number[] as [number, number, number, number, number, number, number, number, number, number, number];
    const [partitionsPtr, totalsPtr, thresholdsPtr, lossesPtr] = rest;
    const classes = struct(kernels, 0, { [structs.CLASSES_BIASES]: biasesPtr });
    const candidate = struct(kernels, 1, {
      [structs.CANDIDATE_CODES_1]: codes1Ptr,
      [structs.CANDIDATE_CODES_2]: codes2Ptr,
      [structs.CANDIDATE_LOSSES]: lossesPtr,
    });
    const moves = struct(kernels, 2, {
      [structs.MOVES_LOG_PARTITIONS]: partitionsPtr,
      [structs.MOVES_LOG_TOTALS]: totalsPtr,
      [structs.MOVES_THRESHOLDS]: thresholdsPtr,
      [structs.MOVES_LOG_DENSITIES]: densitiesPtr,
      [structs.MOVES_BITS]: bits,
    });
    const scores = tablesOf(kernels, 3, scores1Ptr, scores2Ptr, width);
    // In two blocks: a class is looked up by its own number.
    const half = rowCount / 2;
    kernels.addMoveLosses(blockOf(kernels, 4, logitsPtr, width, half), classes, candidate, scores, moves);
    const others = blockOf(kernels, 4, logitsPtr + half * width * 4, width, half, half);
    kernels.addMoveLosses(others, classes, candidate, scores, moves);
    const after = f64At(kernels, lossesPtr, rowCount);
    let inHead = 0;
    for (let i = 0; i < rowCount; i++) {
      const [k1, k2, bias] = [codes1[i] as number, codes2[i] as number, biases[i] as number];
      const known = logDensities[2 * k1 + k2] as number;
      let loss = 0;
      for (let q = 0; q < width; q++) {
        const score = Math.fround((scores1[k1 * width + q] as number) + (scores2[k2 * width + q] as number));
        const density = Math.fround(score + (known === Number.NEGATIVE_INFINITY ? bias : known));
        if (density >= (thresholds[q] as number)) {
          inHead++;
          continue;
        }
        const logP = (logits[i * width + q] as number) - (logPartitions[q] as number);
        const logQ = score + bias - (logTotals[q] as number);
        loss += Math.exp(logP) * (logP - logQ) + Math.exp(logQ) - Math.exp(logP);
      }
      expect(Math.abs((after[i] as number) - (before[i] as number) - loss)).toBeLessThan(1e-5);
    }
    expect(inHead).toBeGreaterThan(rowCount);
    expect(inHead).toBeLessThan(rowCount * (width - 1));
  });

  test("weightedQueries is exact on integers, at every awkward size", () => {
    for (const count of [0, 1, 3]) {
      for (const width of [1, 8]) {
        for (const dim of [0, 1, 2, 5, 8]) {
          const weights = Float64Array.from(integerRows(count * width, 18));
          const queries = integerRows(width * dim, 19);
          const garbage = new Float64Array(count * dim).fill(9);
          const [weightsPtr, queriesPtr, sumsPtr] = place(kernels, weights, queries, garbage);
          kernels.weightedQueries(weightsPtr, queriesPtr, count, width, dim, sumsPtr);
          const expected = reference.weightedQueries(weights, queries, count, width, dim);
          expect([...f64At(kernels, sumsPtr, count * dim)].map((value) => value + 0)).toEqual(
            [...expected].map((value) => value + 0),
          );
        }
      }
    }
  });
});
