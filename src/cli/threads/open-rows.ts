import { memoryTrainingRows, type RowsPlace, type TrainingRows } from "../../train/rows/training-rows.ts";
import { diskTrainingRows } from "../scratch/disk-training-rows.ts";
import { scratchOf } from "../scratch/scratch-file.ts";

/** Opens training rows that another thread stored in shared memory or in a file. All threads share the open files. */
export function openRows(place: RowsPlace): TrainingRows {
  const { rowCount, dim } = place;
  if ("data" in place) return memoryTrainingRows(rowCount, dim, place.data);
  return diskTrainingRows(rowCount, dim, scratchOf(place.descriptor));
}
