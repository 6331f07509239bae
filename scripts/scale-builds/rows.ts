import { closeSync, openSync, writeSync } from "node:fs";

const CENTRES = 1000;
const NOISE = 0.3;
const BLOCK_ROWS = 4096;
const [MULTIPLIER, INCREMENT] = [1664525, 1013904223];

/** Writes an .npy file of made-up rows: noisy copies of a thousand centres, the same for the same sizes. */
export function writeRows(path: string, rowCount: number, dim: number): void {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, MULTIPLIER) + INCREMENT) >>> 0;
    return state / 2 ** 32;
  };
  const centres = Float32Array.from({ length: CENTRES * dim }, () => 2 * uniform() - 1);
  const block = new Float32Array(BLOCK_ROWS * dim);
  const file = openSync(path, "w");
  writeSync(file, headerOf(rowCount, dim));
  for (let first = 0; first < rowCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - first);
    for (let row = 0; row < count; row++) {
      const centre = Math.floor(uniform() * CENTRES) * dim;
      for (let d = 0; d < dim; d++) {
        block[row * dim + d] = (centres[centre + d] as number) + NOISE * (uniform() - 0.5);
      }
    }
    writeSync(file, new Uint8Array(block.buffer, 0, count * dim * 4));
  }
  closeSync(file);
}

function headerOf(rowCount: number, dim: number): Uint8Array {
  const literal = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rowCount}, ${dim}), }`;
  const header = Buffer.alloc(Math.ceil((10 + literal.length + 1) / 64) * 64, " ");
  header.write("\x93NUMPY\x01\x00", 0, "latin1");
  header.writeUInt16LE(header.byteLength - 10, 8);
  header.write(literal, 10, "latin1");
  header[header.byteLength - 1] = 10;
  return header;
}
