import { CATEGORIES, type Category, COLOURS, type Colour, GOES_WITH, type Item, itemsBy, STYLES } from "./catalogue.ts";
import { frequentOf, oneOf, type Random, randomOf } from "./random.ts";

/** Chances within a session, for each click. */
const CHANCES = { nextCategory: 0.5, styleDrifts: 0.12, colourChanges: 0.08, byTaste: 0.85, ends: 0.12 };
const [SHORTEST, LONGEST] = [4, 25];

const COLOUR_NAMES = Object.keys(COLOURS) as Colour[];

/** The names of what each visitor of the shop clicked, in order. They follow from the seed. */
export function sessionsOf(count: number, seed: number): string[][] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => sessionOf(random));
}

/**
 * A session. The visitor looks at one category for some clicks and goes on to one that goes with it. A style and a colour are
 * the visitor's taste, from which few clicks depart; the style drifts to a neighbour and the colour changes, both rarely.
 */
function sessionOf(random: Random): string[] {
  const clicked: string[] = [];
  let category: Category = frequentOf(random, CATEGORIES);
  let style = STYLES.indexOf(frequentOf(random, STYLES));
  let colour: Colour = frequentOf(random, COLOUR_NAMES);
  while (clicked.length < LONGEST) {
    if (random() < CHANCES.nextCategory) category = oneOf<Category>(random, GOES_WITH[category]);
    if (random() < CHANCES.styleDrifts) style += random() < 0.5 ? 1 : STYLES.length - 1;
    if (random() < CHANCES.colourChanges) colour = frequentOf(random, COLOUR_NAMES);
    const item = clickOf(random, { category, style: STYLES[style % STYLES.length] as Item["style"], colour });
    if (clicked.includes(item.name)) continue;
    clicked.push(item.name);
    if (clicked.length >= SHORTEST && random() < CHANCES.ends) break;
  }
  return clicked;
}

function clickOf(random: Random, { category, style, colour }: Pick<Item, "category" | "style" | "colour">): Item {
  const taste = {
    category,
    style: random() < CHANCES.byTaste ? style : oneOf(random, STYLES),
    colour: random() < CHANCES.byTaste ? colour : oneOf(random, COLOUR_NAMES),
  };
  return frequentOf(random, itemsBy(taste));
}
