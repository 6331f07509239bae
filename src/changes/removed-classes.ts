import type { TensorPlace } from "../format/header.ts";
import { isSet } from "../memory/bits.ts";
import type { Delta, RemovedIds } from "../memory/delta.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { ChangedClass } from "./changed-class.ts";
import type { FileLabels } from "./file-labels.ts";

/**
 * The classes that changes have removed: those whose position is gone. Removals are not limited, so one of the file takes no
 * memory but its bit; its label lies in the file.
 */
export class RemovedClasses implements RemovedIds {
  readonly #opened: OpenedIndex;
  readonly #delta: Pick<Delta, "gone" | "idCount" | "classCount">;
  #view: Int32Array = new Int32Array(0);

  constructor(opened: OpenedIndex, delta: Pick<Delta, "gone" | "idCount" | "classCount">) {
    this.#opened = opened;
    this.#delta = delta;
  }

  get size(): number {
    return this.#delta.idCount - this.#delta.classCount;
  }

  /** The position of each id. */
  get positions(): Int32Array {
    const { kernels, plan } = this.#opened;
    const { buffer } = kernels.memory;
    if (this.#view.buffer !== buffer) this.#view = new Int32Array(buffer, plan.regions.positions, plan.capacity);
    return this.#view;
  }

  has(id: number): boolean {
    const { gone, idCount } = this.#delta;
    return id >= 0 && id < idCount && isSet(gone, this.positions[id] as number);
  }

  /** Returns the class with this label if it is one of the file that was removed. */
  find(label: string, file: FileLabels): ChangedClass | undefined {
    const id = file.find(label);
    return id !== undefined && this.has(id) ? this.#classOf(id, label) : undefined;
  }

  /** Lists those of the file, in the order of their positions. */
  ofFile(file: FileLabels): ChangedClass[] {
    const { kernels, plan, header } = this.#opened;
    const { begin } = header.tensors.ids as TensorPlace;
    const ids = new Int32Array(kernels.memory.buffer, plan.file + begin, plan.itemCount);
    const isGone = (id: number, position: number): boolean =>
      isSet(this.#delta.gone, position) && this.positions[id] === position;
    return Array.from(ids.filter(isGone)).map((id) => this.#classOf(id, file.of(id)));
  }

  #classOf(id: number, label: string): ChangedClass {
    return { label, id, filePosition: this.positions[id] as number, row: -1, norm: 0, bias: 0 };
  }
}
