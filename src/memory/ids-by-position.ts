import type { OpenedIndex } from "./opened-index.ts";

/** The ids of the classes in the order of the buckets, as the memory holds them. */
export const idsByPosition = ({
  kernels,
  plan,
  header,
}: Pick<OpenedIndex, "kernels" | "plan" | "header">): Int32Array<ArrayBuffer> =>
  new Int32Array(kernels.memory.buffer, plan.file + (header.tensors.ids?.begin ?? 0), header.facts.itemCount);
