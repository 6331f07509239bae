import type { MultiIndex } from "../index/multi-index.ts";
import { openedEncoder } from "./opened-encoder.ts";

/**
 * Tells whether an index was built with an encoder, which `openEncoder` opens.
 *
 * @param index a loaded index
 * @returns whether its file carries an encoder
 * @throws FormatError for an encoder that this version does not know
 *
 * @example
 * if (hasEncoder(index)) await openEncoder(index);
 */
export const hasEncoder = (index: MultiIndex): boolean => openedEncoder(index).facts !== undefined;
