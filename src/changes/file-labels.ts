import { Labels, type LabelTable, labelTable } from "../memory/labels.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Finds the classes of a file by label, as they were before all changes. */
export interface FileLabels {
  /** True if the file has labels. Otherwise its labels are the ids in decimal digits. */
  readonly areNamed: boolean;
  find(label: string): number | undefined;
  of(id: number): string;
}

export function fileLabels({ kernels, header, plan }: OpenedIndex): FileLabels {
  const table = header.facts.hasLabels ? labelTable(kernels.memory.buffer, header, plan, "label") : undefined;
  return fileLabelsOf(table, plan.itemCount);
}

/** Returns the labels of a file that has this table, or none. */
export function fileLabelsOf(table: LabelTable | undefined, itemCount: number): FileLabels {
  if (table) {
    const labels = new Labels(table);
    return { areNamed: true, find: (label) => labels.find(label), of: (id) => labels.of(id) };
  }
  const find = (label: string): number | undefined =>
    isId(label) && Number(label) < itemCount ? Number(label) : undefined;
  return { areNamed: false, find, of: String };
}

const isId = (label: string): boolean => /^(0|[1-9]\d{0,9})$/.test(label);
