import {
  CATEGORIES,
  type Category,
  type Colour,
  coloursOf,
  GOES_WITH,
  type Item,
  itemsBy,
  STYLES,
} from "./catalogue.ts";
import { frequentOf, oneOf, type Random, randomOf } from "./random.ts";

/** Chances within a session, for each click. */
const CHANCES = { nextCategory: 0.5, styleDrifts: 0.12, colourChanges: 0.08, byTaste: 0.85, ends: 0.12 };
const [SHORTEST, LONGEST] = [4, 25];

/** The taste of a visitor. The style is given by its place among the styles. */
interface Taste {
  category: Category;
  style: number;
  colour: Colour;
}

/** Returns the names of the items that each visitor of the shop clicked, in order. They follow from the seed. */
export function sessionsOf(count: number, seed: number): string[][] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => sessionOf(random));
}

/** Makes a session by the process that the README describes. */
function sessionOf(random: Random): string[] {
  const clicked: string[] = [];
  const style = frequentOf(random, [...STYLES.keys()]);
  const taste: Taste = { category: oneOf(random, CATEGORIES), style, colour: frequentOf(random, coloursOf(style)) };
  while (clicked.length < LONGEST) {
    drift(random, taste);
    const { name } = clickOf(random, taste);
    if (clicked.includes(name)) continue;
    clicked.push(name);
    if (clicked.length >= SHORTEST && random() < CHANCES.ends) break;
  }
  return clicked;
}

function drift(random: Random, taste: Taste): void {
  if (random() < CHANCES.nextCategory) taste.category = oneOf<Category>(random, GOES_WITH[taste.category]);
  if (random() < CHANCES.styleDrifts) {
    taste.style = (taste.style + (random() < 0.5 ? 1 : STYLES.length - 1)) % STYLES.length;
  }
  if (random() < CHANCES.colourChanges) taste.colour = frequentOf(random, coloursOf(taste.style));
}

function clickOf(random: Random, { category, style, colour }: Taste): Item {
  const clicked = {
    category,
    style: random() < CHANCES.byTaste ? (STYLES[style] as Item["style"]) : oneOf(random, STYLES),
    colour: random() < CHANCES.byTaste ? colour : oneOf(random, coloursOf(style)),
  };
  return frequentOf(random, itemsBy(clicked));
}
