import type { IndexInfo } from "../index/info.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import { allChanges } from "./all-changes.ts";
import type { Changeable, FileFacts } from "./changeable.ts";
import { ChangedClasses, sequenceOf } from "./changed-classes.ts";
import { declaredOf } from "./class-values.ts";
import type { ChangeTarget } from "./copied-change-set.ts";
import { rowFactsOf } from "./stored-changes.ts";

/**
 * Returns the classes of an index in a form that changes can be applied to. RangeError if it was loaded without room for them.
 */
export function changeableIndex(index: MultiIndex): Changeable {
  const classes = classesOf(index, "index");
  return {
    ...factsOfFile(index),
    sequence: classes.sequence,
    apply: (changes, largest) => {
      const planned = classes.plan(changes, { largest });
      classes.commit(planned);
      describeAnew(index, classes);
      return planned;
    },
    check: (changes, most) => classes.plan(changes, { most }),
    all: () => allChanges([{ classes }]),
  };
}

/** Returns the changes of an index. `name` stands for it in the RangeError if it was loaded without room for them. */
export function classesOf(index: MultiIndex, name: string): ChangedClasses {
  const opened = openedOf(index);
  if (opened.plan.capacity === opened.plan.itemCount) {
    throw new RangeError(`"${name}" expected one with room for changes; load(file, { maxDelta: 10000 }) makes it`);
  }
  return (opened.delta as ChangedClasses | undefined) ?? new ChangedClasses(opened);
}

/** Returns the properties of an index that change sets are checked against. */
export const targetOf = (index: MultiIndex): ChangeTarget => ({
  ...rowFactsOf(openedOf(index).header.facts),
  isCosine: index.info.metric === "cosine",
  columns: declaredOf(index.info.columns),
  space: index.info.space,
});

/** Returns the facts that files of changes for an index are written by, whether it has room for changes or not. */
export const factsOfFile = (index: MultiIndex): FileFacts => ({
  first: sequenceOf(openedOf(index)),
  contentId: index.info.contentId,
  target: targetOf(index),
});

/** Writes the effect of changes on the classes into the facts of an index, which its calls check their arguments against. */
export function describeAnew(index: MultiIndex, classes: ChangedClasses): void {
  const { sequence, classCount, rowCount, removedCount, idCount } = classes;
  const { plan } = openedOf(index);
  const info: IndexInfo = Object.freeze({
    ...index.info,
    itemCount: idCount,
    changes: Object.freeze({
      sequence,
      classCount,
      rowCount,
      removedCount,
      addedCount: idCount - plan.itemCount,
      maxDelta: plan.capacity - plan.itemCount - 1,
    }),
  });
  const isFirst = index.info.changes === undefined; // then the tensors behind these views have moved
  // Each bundle has its own copies of the classes, so bags are recognised by their content: views of tensors. Encoders of
  // sequences stay.
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  const areBags = "vectors" in (index["bags"] ?? {});
  Object.assign(index, { info, ...(isFirst && areBags && { bags: undefined }) });
  // biome-ignore lint/complexity/useLiteralKeys: the names are private.
  const [calls, limits] = [index["calls"], index["limits"]];
  Object.assign(calls, { info, ...(isFirst && { names: undefined, columns: undefined }) });
  limits.info = info;
}
