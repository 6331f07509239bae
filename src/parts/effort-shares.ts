/** The classes of a part among those of all parts. */
export interface ClassRange {
  /** The number of classes in the parts before. */
  readonly before: number;
  readonly classes: number;
}

/** Returns the share of an effort that a part has by its classes. The shares of all parts add up to the effort. */
export function shareOf(total: number, { before, classes }: ClassRange, itemCount: number): number {
  const upTo = (count: number): number => Math.floor((total * count) / Math.max(itemCount, 1));
  return upTo(before + classes) - upTo(before);
}
