import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import type { TrainKernelName, TrainKernels } from "../../src/train/runtime/kernels.ts";
import { BUILDS, trainKernels } from "./instances.ts";
import { referenceKernels } from "./reference.ts";
import { integerRows, randomCodes, randomRows } from "./rows.ts";

type Region = Float32Array | Float64Array | Uint16Array | Uint8Array;

/** A struct: regions and counts by the offsets of their fields. The kernel owns its other bytes. */
class Struct {
  readonly bytes: Uint8Array;
  readonly fields: Readonly<Record<number, Region | number>>;
  constructor(byteLength: number, fields: Record<number, Region | number>) {
    this.bytes = new Uint8Array(byteLength);
    this.fields = fields;
  }
}

type Argument = Region | Struct | number;

const isRegion = (value: Argument): value is Region => typeof value === "object" && !(value instanceof Struct);
/** Returns the arrays of the arguments. Those of a struct follow its bytes. */
const regionsOf = (args: readonly Argument[]): Region[] =>
  args.flatMap((arg) =>
    arg instanceof Struct ? [arg.bytes, ...Object.values(arg.fields).filter(isRegion)] : isRegion(arg) ? [arg] : [],
  );

/** The unit roundoff of f32. */
const U = 2 ** -24;

/** The arguments of every kernel: its arrays in call order, then the positions of the counts among them. */
interface Shape {
  readonly rowCount: number;
  readonly codewordCount: number;
  readonly dim: number;
}
type Floats = (count: number, seed: number) => Float32Array;

function argumentsOf(name: TrainKernelName, { rowCount, codewordCount, dim }: Shape, floats: Floats): Argument[] {
  const rows = floats(rowCount * dim, 1);
  const codebook = floats(codewordCount * dim, 2);
  const codes = randomCodes(rowCount, codewordCount, 3);
  const panels = packed(codebook, codewordCount, dim);
  switch (name) {
    case "packPanels":
      return [codebook, codewordCount, dim, panels.fill(7)];
    case "assignRows":
      return [rows, panels, rowCount, codewordCount, dim, nearest(codes.fill(7))];
    case "assignPairs":
      return [
        floats(rowCount * 2, 1),
        packed(floats(16 * 2, codewordCount), 16, 2),
        rowCount,
        new Uint16Array(rowCount).fill(7),
      ];
    case "scoresAbove": {
      const floors = floats(Math.ceil(codewordCount / 8) * 8, 10).fill(Infinity, codewordCount);
      const above = new Struct(structs.ABOVE_BYTES, {
        [structs.ABOVE_FLOORS]: floors,
        [structs.ABOVE_BIASES]: floats(rowCount, 11),
        [structs.ABOVE_FOUND]: new Uint8Array(rowCount * codewordCount * structs.FOUND_BYTES).fill(7),
      });
      return [rows, panels, rowCount, codewordCount, dim, above];
    }
    case "minDistances":
      return [rows, floats(dim, 4), rowCount, dim, floats(rowCount, 5).map((x) => Math.abs(x) * dim)];
    case "squaredErrors":
      return [rows, codebook, codes, rowCount, dim, new Float32Array(rowCount)];
    case "weighErrors":
      return [
        floats(rowCount, 1),
        Float64Array.from(floats(rowCount, 6)),
        rowCount,
        new Float64Array(rowCount).fill(7),
      ];
    case "residuals":
      return [rows, codebook, codes, rowCount, dim, new Float32Array(rowCount * dim)];
    case "fineCodes": {
      const fineCount = 2 * Math.ceil(dim / 4);
      const values = floats(rowCount * 2 * fineCount, 1);
      return [
        values,
        rowCount,
        fineCount,
        floats(fineCount * 32, 2),
        new Uint8Array((rowCount * fineCount) / 2).fill(7),
      ];
    }
    case "dotProducts":
      return [floats(dim, 8), rows, rowCount, dim, new Float64Array(rowCount).fill(7)];
    case "scaledCopies":
      return [Float64Array.from(floats(rowCount, 9)), floats(dim, 8), rowCount, dim, new Float32Array(rowCount * dim)];
    case "addRows": {
      const weights = Float64Array.from(floats(rowCount, 6), Math.abs);
      const sums = Float64Array.from(floats(codewordCount * dim, 7));
      const into = new Struct(structs.SUMS_BYTES, {
        [structs.SUMS_SUMS]: sums,
        [structs.SUMS_MASSES]: new Float64Array(codewordCount),
        [structs.SUMS_DIM]: dim,
      });
      return [rows, codes, weights, rowCount, into];
    }
  }
}

const nearest = (codes: Uint16Array): Struct => new Struct(structs.NEAREST_BYTES, { [structs.NEAREST_CODES]: codes });

function packed(codebook: Float32Array, codewordCount: number, dim: number): Float32Array {
  const panels = new Float32Array(Math.ceil(codewordCount / 8) * (dim + 1) * 8);
  const memory = new ArrayBuffer(codebook.byteLength + panels.byteLength);
  new Float32Array(memory, 0, codebook.length).set(codebook);
  referenceKernels(memory).packPanels(0, codewordCount, dim, codebook.byteLength);
  return panels.map((_, i) => new Float32Array(memory, codebook.byteLength)[i] as number);
}

/** Copies the arrays into memory and returns their addresses. Array number `last` ends where the memory ends. */
function place(kernels: TrainKernels, regions: readonly Region[], last: number): number[] {
  let top = kernels.heapBase();
  const missing =
    top + regions.reduce((bytes, region) => bytes + region.byteLength + 16, 0) - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65536));
  const bytes = new Uint8Array(kernels.memory.buffer);
  return regions.map((region, i) => {
    const address = i === last ? bytes.length - region.byteLength : top;
    if (i !== last) top += Math.ceil(region.byteLength / 16) * 16;
    bytes.set(new Uint8Array(region.buffer, region.byteOffset, region.byteLength), address);
    return address;
  });
}

/** Runs the kernel and the reference on equal memories and returns both memories. */
function runBoth(kernels: TrainKernels, name: TrainKernelName, args: readonly Argument[], last: number) {
  const regions = regionsOf(args);
  const addresses = place(kernels, regions, last);
  const addressOf = (arg: Argument): number =>
    typeof arg === "number" ? arg : (addresses[regions.indexOf(arg instanceof Struct ? arg.bytes : arg)] as number);
  const structs = args.filter((arg) => arg instanceof Struct);
  for (const struct of structs) {
    const view = new DataView(kernels.memory.buffer, addressOf(struct));
    for (const [offset, field] of Object.entries(struct.fields)) view.setUint32(Number(offset), addressOf(field), true);
  }
  const values = args.map(addressOf);
  const expected = kernels.memory.buffer.slice(0);
  const call = (of: Pick<TrainKernels, TrainKernelName>): void => (of[name] as (...args: number[]) => void)(...values);
  call(referenceKernels(expected as ArrayBuffer));
  call(kernels);
  for (const struct of structs) {
    const own = new Uint8Array(kernels.memory.buffer, addressOf(struct), struct.bytes.length);
    new Uint8Array(expected).set(own, addressOf(struct));
  }
  return { actual: kernels.memory.buffer, expected, addresses };
}

const NAMES = Object.keys(referenceKernels(new ArrayBuffer(0))) as TrainKernelName[];
const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9];
const DIMS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17];
const CODEWORD_COUNTS = [1, 2, 7, 8, 9, 16, 17];

describe.each(BUILDS)("%s", (build) => {
  // fitting/kernels.test.ts tests the kernels of fits, bucket-proposal.test.ts those of the sampler.
  test("imports nothing and exports the referenced kernels, the running checksum's, those of queries, heapBase and memory", () => {
    const fitting = [
      ...[
        "addClassMasses",
        "addCodewordMasses",
        "addDivergence",
        "addMoveLosses",
        "addPartitions",
        "chooseHead",
        "columnFactors",
      ],
      ...["densityKeys", "headMasses", "panelProducts", "proposalMasses", "tailMasses", "weightedQueries"],
    ];
    const proposal = [
      ...["drawBuckets", "exclude", "logQOfClasses", "placeDraws"],
      ...["proposeBuckets", "readmit", "weighBuckets"],
    ];
    const others = [
      ...fitting,
      ...proposal,
      "startLanes",
      "addToLanes",
      "hashOfLanes",
      "dotRows",
      "exp64",
      "log64",
      "mixLogs",
      "heapBase",
      "memory",
    ];
    expect(Object.keys(trainKernels(build)).sort()).toEqual([...NAMES, ...others].sort());
  });

  test.each(NAMES)("%s leaves the same bytes as the reference on integers, at every awkward size", (name) => {
    const kernels = trainKernels(build);
    for (const rowCount of SIZES) {
      for (const dim of DIMS) {
        for (const codewordCount of CODEWORD_COUNTS) {
          const args = argumentsOf(name, { rowCount, dim, codewordCount }, integerRows);
          const { actual, expected } = runBoth(kernels, name, args, -1);
          if (Buffer.compare(Buffer.from(actual), Buffer.from(expected)) === 0) continue;
          expect.unreachable(`${name} differs at ${rowCount} rows, dim ${dim}, ${codewordCount} codewords`);
        }
      }
    }
  });

  test.each(NAMES)("%s works on arrays that end where the memory ends", (name) => {
    const kernels = trainKernels(build);
    for (const rowCount of [1, 4, 7]) {
      for (const dim of [1, 3, 4, 6, 16]) {
        const args = argumentsOf(name, { rowCount, dim, codewordCount: 9 }, integerRows);
        for (let last = 0; last < regionsOf(args).length; last++) {
          const { actual, expected } = runBoth(kernels, name, args, last);
          expect(Buffer.compare(Buffer.from(actual), Buffer.from(expected))).toBe(0);
        }
      }
    }
  });

  test.each(["packPanels", "residuals", "weighErrors", "addRows", "fineCodes", "dotProducts", "scaledCopies"] as const)(
    "%s is exact on random floats",
    (name) => {
      const args = argumentsOf(name, { rowCount: 33, dim: 67, codewordCount: 13 }, randomRows);
      const { actual, expected } = runBoth(trainKernels(build), name, args, -1);
      expect(Buffer.compare(Buffer.from(actual), Buffer.from(expected))).toBe(0);
    },
  );

  // A difference and its square are off by (1 + U)³, a sum of `dim` of them by at most (1 + U)^dim more.
  test.each(["minDistances", "squaredErrors"] as const)("%s stays within (dim + 4) U of the reference", (name) => {
    for (const dim of [1, 7, 64, 129]) {
      const shape = { rowCount: 33, dim, codewordCount: 13 };
      const args = argumentsOf(name, shape, randomRows);
      const { actual, expected, addresses } = runBoth(trainKernels(build), name, args, -1);
      const out = addresses.at(-1) as number;
      const got = new Float32Array(actual, out, shape.rowCount);
      const want = new Float32Array(expected, out, shape.rowCount);
      for (let i = 0; i < shape.rowCount; i++) {
        expect(Math.abs((got[i] as number) - (want[i] as number))).toBeLessThanOrEqual(
          (dim + 4) * U * (want[i] as number),
        );
      }
    }
  });

  // A score is off by at most (dim + 2) U (Σ|v_d c_d| + ½‖c‖²), so the winner's true score is within twice that of the best.
  test("assignRows picks a codeword whose true score is the best within rounding", () => {
    const [rowCount, codewordCount, dim] = [50, 100, 65];
    const args = argumentsOf("assignRows", { rowCount, codewordCount, dim }, randomRows);
    const { actual, addresses } = runBoth(trainKernels(build), "assignRows", args, -1);
    const codes = new Uint16Array(actual, addresses.at(-1), rowCount);
    const rows = randomRows(rowCount * dim, 1);
    const codebook = randomRows(codewordCount * dim, 2);
    for (let i = 0; i < rowCount; i++) {
      let slack = 0;
      const scores = Array.from({ length: codewordCount }, (_, k) => {
        let score = 0;
        let magnitude = 0;
        for (let d = 0; d < dim; d++) {
          const [v, c] = [rows[i * dim + d] as number, codebook[k * dim + d] as number];
          score += v * c - (c * c) / 2;
          magnitude += Math.abs(v * c) + (c * c) / 2;
        }
        slack = Math.max(slack, 2 * (dim + 2) * U * magnitude);
        return score;
      });
      expect(scores[codes[i] as number]).toBeGreaterThanOrEqual(Math.max(...scores) - slack);
    }
  });

  test("assignRows gives equal codewords' rows to the lowest of them, across panels", () => {
    const codebook = new Float32Array(40 * 3).fill(2);
    const args = [integerRows(9 * 3, 1), packed(codebook, 40, 3), 9, 40, 3, nearest(new Uint16Array(9).fill(7))];
    const { actual, addresses } = runBoth(trainKernels(build), "assignRows", args, -1);
    expect([...new Uint16Array(actual, addresses.at(-1), 9)]).toEqual(new Array(9).fill(0));
  });

  test("assignPairs finds the codewords that assignRows finds, the lowest of equal ones", () => {
    const kernels = trainKernels(build);
    const rowCount = 2000;
    for (const floats of [randomRows, integerRows]) {
      const [rows, panels] = [floats(rowCount * 2, 1), packed(floats(16 * 2, 2), 16, 2)];
      const codes = new Uint16Array(rowCount);
      const pairs = runBoth(kernels, "assignPairs", [rows, panels, rowCount, codes], -1);
      const found = new Uint16Array(pairs.actual.slice(0), pairs.addresses.at(-1), rowCount);
      const whole = runBoth(kernels, "assignRows", [rows, panels, rowCount, 16, 2, nearest(codes)], -1);
      expect(found).toEqual(new Uint16Array(whole.actual, whole.addresses.at(-1), rowCount));
    }
  });

  test("residuals may overwrite the rows", () => {
    const kernels = trainKernels(build);
    const [rows, codebook] = [integerRows(10, 1), integerRows(10, 2)];
    const [rowsPtr, codebookPtr, codesPtr] = place(kernels, [rows, codebook, Uint16Array.of(1, 0)], -1);
    kernels.residuals(rowsPtr as number, codebookPtr as number, codesPtr as number, 2, 5, rowsPtr as number);
    const left = rows.map((value, i) => value - (codebook[(i + 5) % 10] as number));
    expect(new Float32Array(kernels.memory.buffer, rowsPtr, 10)).toEqual(left);
  });
});
