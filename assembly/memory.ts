/**
 * Returns the address of the first byte after the module's constants, aligned to 16. src/memory/plan.ts lays out
 * everything from there on.
 */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}
