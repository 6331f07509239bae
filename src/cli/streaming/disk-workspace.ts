import type { Workspace } from "../../train/rows/workspace.ts";
import { diskRecords } from "../scratch/disk-records.ts";
import { diskTrainingRows } from "../scratch/disk-training-rows.ts";
import { openScratch, type ScratchFile, writeAll } from "../scratch/scratch-file.ts";
import type { MemoryShares } from "./memory-shares.ts";

export interface DiskWorkspace extends Workspace {
  close(): void;
}

/** Keeps everything except arrays of integers in files: scratch files in `folder`, and the open index file `fd`. */
export function diskWorkspace(folder: string, fd: number, shares: MemoryShares): DiskWorkspace {
  const scratches: ScratchFile[] = [];
  const scratch = (): ScratchFile => {
    const opened = openScratch(folder);
    scratches.push(opened);
    return opened;
  };
  return {
    trainingRows: (rowCount, dim) => diskTrainingRows(rowCount, dim, scratch()),
    records: (count, recordBytes) => diskRecords(count, recordBytes, scratch(), shares.recordsBytes(recordBytes)),
    output: () => ({ write: (position, bytes) => writeAll(fd, position, bytes) }),
    close() {
      for (const opened of scratches) opened.close();
    },
  };
}
