import * as v from "valibot";

// Fields that several answers have.

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const version = v.pipe(
  v.string(),
  v.description(
    "The version of the index that answered: the name it was published under, otherwise the start of its content id.",
  ),
);

export const mutation = v.exactOptional(
  v.pipe(
    count,
    v.description("The number of the last change that the answer reflects, if the service accepts changes."),
  ),
);

export const contentId = v.pipe(
  v.string(),
  v.description(
    "SHA-256 of the file's header, in hex. The header holds the checksums of the file, so this identifies every byte.",
  ),
);
