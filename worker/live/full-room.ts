/** The remedy that makes room for changes. */
export const COMPACTION = "publish a version that has the changes so far (midx compact)";

/** Names the part of an index in parts that has no room, by its place. */
export const inPart = (place: number | undefined): string =>
  place === undefined ? "" : ` in the part at place ${place}`;
