import * as structs from "../../build/structs.ts";
import type { TrainKernelName, TrainKernels } from "../../src/train/runtime/kernels.ts";

/**
 * The train kernels as plain loops over the same memory, with the addresses and counts of assembly/train/. Arithmetic is f64
 * and rounded where it is stored, so kernels and reference agree to the bit on small integers.
 */
export function referenceKernels(memory: ArrayBuffer): Pick<TrainKernels, TrainKernelName> {
  const view = new DataView(memory);
  const f32 = (base: number, index: number): number => view.getFloat32(base + index * 4, true);
  const setF32 = (base: number, index: number, value: number): void => view.setFloat32(base + index * 4, value, true);
  const f64 = (base: number, index: number): number => view.getFloat64(base + index * 8, true);
  const addF64 = (base: number, index: number, value: number): void =>
    view.setFloat64(base + index * 8, f64(base, index) + value, true);
  const u16 = (base: number, index: number): number => view.getUint16(base + index * 2, true);

  const u32 = (struct: number, offset: number): number => view.getUint32(struct + offset, true);

  const squaredDistance = (a: number, b: number, dim: number): number => {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += (f32(a, d) - f32(b, d)) ** 2;
    return sum;
  };

  const assign = (
    rows: number,
    panels: number,
    { rowCount, codewordCount, dim }: { rowCount: number; codewordCount: number; dim: number },
    codes: number,
  ): void => {
    for (let i = 0; i < rowCount; i++) {
      let best = -Infinity;
      let code = 0;
      for (let k = 0; k < codewordCount; k++) {
        const panel = panels + Math.floor(k / 8) * (dim + 1) * 32;
        let score = -f32(panel, dim * 8 + (k % 8));
        for (let d = 0; d < dim; d++) score += f32(rows, i * dim + d) * f32(panel, d * 8 + (k % 8));
        if (score <= best) continue;
        best = score;
        code = k;
      }
      view.setUint16(codes + i * 2, code, true);
    }
  };

  return {
    fineCodes(rows, rowCount, fineCount, books, codes) {
      const f = Math.fround;
      for (let i = 0; i < rowCount * fineCount; i++) {
        const book = 32 * (i % fineCount);
        const distances = Array.from({ length: 16 }, (_, c) => {
          const dx = f(f32(rows, 2 * i) - f32(books, book + c));
          const dy = f(f32(rows, 2 * i + 1) - f32(books, book + 16 + c));
          return f(f(dx * dx) + f(dy * dy));
        });
        const code = distances.indexOf(Math.min(...distances));
        const at = codes + (i >> 1);
        view.setUint8(at, i % 2 === 0 ? code : view.getUint8(at) | (code << 4));
      }
    },

    packPanels(codebook, codewordCount, dim, panels) {
      for (let k = 0; k < Math.ceil(codewordCount / 8) * 8; k++) {
        const panel = panels + Math.floor(k / 8) * (dim + 1) * 32;
        let squares = 0;
        for (let d = 0; d < dim; d++) {
          const value = k < codewordCount ? f32(codebook, k * dim + d) : 0;
          setF32(panel, d * 8 + (k % 8), value);
          squares += value * value;
        }
        setF32(panel, dim * 8 + (k % 8), k < codewordCount ? squares / 2 : Infinity);
      }
    },

    assignRows(rows, panels, rowCount, codewordCount, dim, nearest) {
      assign(rows, panels, { rowCount, codewordCount, dim }, u32(nearest, structs.NEAREST_CODES));
    },

    assignPairs(rows, panels, rowCount, codes) {
      assign(rows, panels, { rowCount, codewordCount: 16, dim: 2 }, codes);
    },

    scoresAbove(rows, panels, rowCount, queryCount, dim, above) {
      const [floors, biases] = [structs.ABOVE_FLOORS, structs.ABOVE_BIASES].map((field) => u32(above, field)) as [
        number,
        number,
      ];
      let at = u32(above, structs.ABOVE_FOUND);
      const offer = (i: number, k: number): void => {
        const panel = panels + Math.floor(k / 8) * (dim + 1) * 32;
        let score = f32(biases, i);
        for (let d = 0; d < dim; d++) score += f32(rows, i * dim + d) * f32(panel, d * 8 + (k % 8));
        if (!(score > f32(floors, k))) return;
        view.setInt32(at + structs.FOUND_ROW, i, true);
        view.setInt32(at + structs.FOUND_QUERY, k, true);
        view.setFloat32(at + structs.FOUND_SCORE, score, true);
        at += structs.FOUND_BYTES;
      };
      for (let tile = 0; tile < rowCount; tile += 4) {
        for (let panel = 0; panel < queryCount; panel += 8) {
          for (let i = tile; i < Math.min(tile + 4, rowCount); i++) {
            for (let k = panel; k < Math.min(panel + 8, queryCount); k++) offer(i, k);
          }
        }
      }
    },

    minDistances(rows, center, rowCount, dim, distances) {
      for (let i = 0; i < rowCount; i++) {
        const distance = squaredDistance(rows + i * dim * 4, center, dim);
        setF32(distances, i, Math.min(f32(distances, i), distance));
      }
    },

    squaredErrors(rows, codebook, codes, rowCount, dim, errors) {
      for (let i = 0; i < rowCount; i++) {
        setF32(errors, i, squaredDistance(rows + i * dim * 4, codebook + u16(codes, i) * dim * 4, dim));
      }
    },

    weighErrors(squares, weights, rowCount, errors) {
      for (let i = 0; i < rowCount; i++) view.setFloat64(errors + i * 8, f64(weights, i) * f32(squares, i), true);
    },

    residuals(rows, codebook, codes, rowCount, dim, residuals) {
      for (let i = 0; i < rowCount; i++) {
        for (let d = 0; d < dim; d++) {
          setF32(residuals, i * dim + d, f32(rows, i * dim + d) - f32(codebook, u16(codes, i) * dim + d));
        }
      }
    },

    addRows(rows, codes, weights, rowCount, into) {
      const [sums, masses, dim] = [structs.SUMS_SUMS, structs.SUMS_MASSES, structs.SUMS_DIM].map((field) =>
        u32(into, field),
      ) as [number, number, number];
      for (let i = 0; i < rowCount; i++) {
        const k = u16(codes, i);
        addF64(masses, k, f64(weights, i));
        for (let d = 0; d < dim; d++) addF64(sums, k * dim + d, f64(weights, i) * f32(rows, i * dim + d));
      }
    },

    dotProducts(query, rows, rowCount, dim, out) {
      for (let i = 0; i < rowCount; i++) {
        const sums = [0, 0];
        for (let d = 0; d < dim - (dim % 2); d++)
          sums[d % 2] = (sums[d % 2] as number) + f32(query, d) * f32(rows, i * dim + d);
        let sum = (sums[0] as number) + (sums[1] as number);
        if (dim % 2 === 1) sum += f32(query, dim - 1) * f32(rows, i * dim + dim - 1);
        view.setFloat64(out + i * 8, sum, true);
      }
    },

    scaledCopies(weights, query, rowCount, dim, out) {
      for (let i = 0; i < rowCount; i++) {
        for (let d = 0; d < dim; d++) setF32(out, i * dim + d, f64(weights, i) * f32(query, d));
      }
    },
  } satisfies Pick<TrainKernels, TrainKernelName>;
}
