import type { MultiIndex } from "../index/multi-index.ts";
import type { Part } from "./part.ts";
import type { PartedIndex } from "./parted-index.ts";
import type { HeldPart } from "./placed-parts.ts";

/** Returns the parts of a PartedIndex, in their places, which changes can move. */
// biome-ignore lint/complexity/useLiteralKeys: the name is private.
export const heldBy = (parted: PartedIndex): readonly HeldPart[] => parted["parts"];

/** Returns the index in memory behind a part of `partOf`; undefined for any other part. */
export const indexOfPart = (part: Part): MultiIndex | undefined => (part as { readonly index?: MultiIndex }).index;
