/** Words that need another word after them: no phrase of two words or more ends with one. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  [
    "the a an this that these those such some any each every both all many much several no more most very only",
    "of in to and or but for on with by from at as about than into over up out before after between during through",
    "against under until since because if while when where who which then there not also so would could should can may",
    "might will must is are was were be been being has have had do does did",
    "i he she it we they him them his her its our their my your you us me",
  ].flatMap((line) => line.split(" ")),
);
