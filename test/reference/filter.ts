/** A filter: the positions of the excluded classes. */
export interface Filter {
  readonly excluded: ReadonlySet<number>;
}

/** The positions from `first` up to but not including `end` that are not excluded, ascending. */
export const listPositions = ({ excluded }: Filter, first: number, end: number): Int32Array =>
  Int32Array.from({ length: end - first }, (_, i) => first + i).filter((position) => !excluded.has(position));
