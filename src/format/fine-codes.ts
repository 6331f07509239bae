import { CODE_BLOCK } from "../abi.ts";

/**
 * Locates the code of a row in the 16 bytes that its block has for a sub-quantizer (drawn in assembly/scan/codes.ts).
 */
export function codeLane(row: number): { readonly byte: number; readonly shift: number } {
  const lane = row % (CODE_BLOCK / 2);
  return {
    byte: lane < CODE_BLOCK / 4 ? 2 * lane : 2 * (lane - CODE_BLOCK / 4) + 1,
    shift: row % CODE_BLOCK < CODE_BLOCK / 2 ? 0 : 4,
  };
}
