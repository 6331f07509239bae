// @ts-check
/** @typedef {"determiner" | "preposition" | "verb" | "adjective" | "name" | "year" | "noun"} WordClass */

/** @param {string} words */
const listed = (words) => words.split(" ");

/** The words of each class that has a list. */
/** @type {readonly (readonly [WordClass, readonly string[]])[]} */
const LISTS = [
  ["determiner", listed("the a an his her its their this that these those another every some any no")],
  [
    "preposition",
    listed(
      "in of at by from to for with on after before during into through over under against between near around across " +
        "along within without since until toward towards above below behind beyond among upon off onto",
    ),
  ],
  [
    "verb",
    listed(
      "was were is are became won lost received began made took gave had has wrote led met left held found built sold " +
        "sent saw came went ran fought beat hit set put told felt kept spent stood rose fell grew caught drew flew sang " +
        "shot chose broke sank reached struck underwent contains features describes shows follows uses",
    ),
  ],
  [
    "adjective",
    listed(
      "first second third fourth fifth last next new old early late later great large small long short high low major " +
        "minor main same own final best local national popular public young heavy strong several many few most more " +
        "such northern southern eastern western central american british french german two three four five",
    ),
  ],
];
const CLASS_OF = new Map(
  LISTS.flatMap(([wordClass, words]) => words.map((word) => /** @type {const} */ ([word, wordClass]))),
);

/** A participle after one of these is a verb with it. */
const AUXILIARIES = new Set(listed("was were had has is are"));

/** Words that are none of these, and no nouns. */
const OTHERS = new Set(
  listed(
    "and or but nor as than if because while when where which who whom whose what how why not also then there here it he " +
      "she they we you i him them us me himself herself itself themselves been be being do does did done would could " +
      "should will can may might must about up down out away back very so too all however despite although according thus meanwhile got " +
      "instead both each only other",
  ),
);

/**
 * Returns the class of a phrase of the model by its spelling, for want of a dictionary. Every phrase is in one class at most.
 * @param {string} phrase
 * @returns {WordClass | undefined}
 */
export function wordClassOf(phrase) {
  const listedAs = CLASS_OF.get(phrase);
  if (listedAs !== undefined) return listedAs;
  if (/^(1\d|20)\d\d$/.test(phrase)) return "year";
  if (/^\p{Lu}\p{Ll}+( ((of|the|and) )?\p{Lu}\p{Ll}+)*$/u.test(phrase))
    return isSpelledName(phrase) ? "name" : undefined;
  if (!/^\p{Ll}{3,}( \p{Ll}{3,})*$/u.test(phrase)) return undefined;
  const words = phrase.split(" ");
  if (words.length > 1 && AUXILIARIES.has(/** @type {string} */ (words[0]))) {
    return phrase.endsWith("ed") ? "verb" : undefined;
  }
  if (words.some((word) => CLASS_OF.has(word) && CLASS_OF.get(word) !== "adjective")) return undefined;
  if (words.some((word) => OTHERS.has(word) || /(ly|ing)$/.test(word))) return undefined;
  if (phrase.endsWith("ed")) return words.length === 1 ? "verb" : undefined;
  return "noun";
}

/**
 * Returns whether a phrase in capitals is a name, and not the first word of a sentence.
 * @param {string} phrase
 */
function isSpelledName(phrase) {
  const [first = ""] = phrase.toLowerCase().split(" ");
  return !CLASS_OF.has(first) && !OTHERS.has(first);
}
