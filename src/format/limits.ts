// The limits of the format. This file imports nothing, so that bundles which only read pointers do not contain the
// reader of files.
export const MAX_DIM = 4096;
export const MAX_BITS = 10;
export const MAX_ITEMS = 2 ** 31 - 1;
export const MAX_POSITIONS = 4096;
/** Offsets are I32, so labels have less than 2 GiB. */
export const MAX_LABEL_BYTES = 2 ** 31 - 1;
