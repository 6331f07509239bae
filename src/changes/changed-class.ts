import { compareCodePoints } from "./code-points.ts";

/** A class that changes have named: one of the file that was superseded or removed, or one that they added. */
export interface ChangedClass {
  readonly label: string;
  readonly id: number;
  /** The position of its row in the file, or −1 if the file does not have it. */
  readonly filePosition: number;
  /** The place of its row among the added rows, or −1 if it was removed. */
  row: number;
  norm: number;
  bias: number;
}

/** Orders classes by the bytes of their labels in UTF-8. */
export const byLabel = (a: ChangedClass, b: ChangedClass): number => compareCodePoints(a.label, b.label);

/** Merges two lists that are in the order of labels. */
export function mergeByLabel(a: readonly ChangedClass[], b: readonly ChangedClass[]): ChangedClass[] {
  const all: ChangedClass[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const isFirst = byLabel(a[i] as ChangedClass, b[j] as ChangedClass) < 0;
    all.push((isFirst ? a[i++] : b[j++]) as ChangedClass);
  }
  return [...all, ...a.slice(i), ...b.slice(j)];
}
