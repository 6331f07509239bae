// The limits of the format. They stand alone, so that a bundle which reads pointers has no reader of files.
export const MAX_DIM = 4096;
export const MAX_BITS = 10;
export const MAX_ITEMS = 2 ** 31 - 1;
export const MAX_POSITIONS = 4096;
/** Offsets are I32. */
export const MAX_LABEL_BYTES = 2 ** 31 - 1;
