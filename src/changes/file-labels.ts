import { Labels, labelTable } from "../memory/labels.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Finds the classes of a file by label, as it was before all changes. */
export interface FileLabels {
  /** The file has labels. Otherwise the ids are, in decimal digits. */
  readonly areNamed: boolean;
  find(label: string): number | undefined;
}

export function fileLabels({ kernels, header, plan }: OpenedIndex): FileLabels {
  if (header.facts.hasLabels) {
    const labels = new Labels(labelTable(kernels.memory.buffer, header, plan, "label"));
    return { areNamed: true, find: (label) => labels.find(label) };
  }
  const find = (label: string): number | undefined =>
    isId(label) && Number(label) < plan.itemCount ? Number(label) : undefined;
  return { areNamed: false, find };
}

const isId = (label: string): boolean => /^(0|[1-9]\d{0,9})$/.test(label);
