import { randomOf } from "./random.ts";

/** The categories that the shop sells, each with the three that people look at next. */
export const GOES_WITH = {
  chair: ["table", "cushion", "lamp"],
  table: ["chair", "vase", "rug"],
  sofa: ["cushion", "rug", "lamp"],
  bed: ["blanket", "lamp", "curtain"],
  desk: ["chair", "lamp", "shelf"],
  shelf: ["vase", "clock", "desk"],
  lamp: ["sofa", "desk", "bed"],
  rug: ["sofa", "curtain", "cushion"],
  curtain: ["rug", "bed", "blanket"],
  cushion: ["sofa", "blanket", "chair"],
  blanket: ["bed", "cushion", "curtain"],
  vase: ["table", "shelf", "mirror"],
  mirror: ["clock", "shelf", "vase"],
  clock: ["mirror", "shelf", "table"],
} as const;

export type Category = keyof typeof GOES_WITH;

export const CATEGORIES = Object.keys(GOES_WITH) as Category[];

/** From the most frequent to the rarest. Neighbours are alike, and so are the last and the first. */
export const STYLES = ["Nordic", "country", "coastal", "boho", "retro", "art deco", "classic", "modern"] as const;

/** The names of colours, with the colour that a page paints. */
export const COLOURS = {
  sand: "#d8c3a0",
  sage: "#93aa84",
  denim: "#56799f",
  ochre: "#d39b32",
  rust: "#bd6440",
  rose: "#d39a97",
} as const;

export type Colour = keyof typeof COLOURS;

const COLOUR_NAMES = Object.keys(COLOURS) as Colour[];

/**
 * Returns the colours of a style, given by its place among the styles, from the most frequent to the rarest. Each has its own.
 */
export function coloursOf(style: number): Colour[] {
  const first = style % COLOUR_NAMES.length;
  return [...COLOUR_NAMES.slice(first), ...COLOUR_NAMES.slice(0, first)];
}

/** Each style has five makers, the first with the most customers. */
const MAKERS = ["Alder", "Birk", "Corvo", "Duna", "Elm"] as const;

/** An item of the shop. Its name says all about it but the price. */
export interface Item {
  readonly name: string;
  readonly category: Category;
  readonly style: (typeof STYLES)[number];
  readonly colour: Colour;
  readonly maker: (typeof MAKERS)[number];
  readonly price: number;
}

const LOWEST: Readonly<Record<Category, number>> = {
  chair: 60,
  table: 150,
  sofa: 400,
  bed: 300,
  desk: 140,
  shelf: 80,
  lamp: 35,
  rug: 70,
  curtain: 30,
  cushion: 12,
  blanket: 25,
  vase: 15,
  mirror: 40,
  clock: 20,
};

/** All items: each category in each style, colour and by each maker, at a price of up to three times the lowest. */
export const ITEMS: readonly Item[] = allItems();

const BY_NAME: ReadonlyMap<string, Item> = new Map(ITEMS.map((item) => [item.name, item]));

function allItems(): Item[] {
  const random = randomOf(1);
  const items: Item[] = [];
  for (const category of CATEGORIES) {
    for (const style of STYLES) {
      for (const colour of COLOUR_NAMES) {
        for (const maker of MAKERS) {
          const price = Math.round(LOWEST[category] * (1 + 2 * random() * random()));
          items.push({ name: nameOf({ category, style, colour, maker }), category, style, colour, maker, price });
        }
      }
    }
  }
  return items;
}

/** Returns the items of a taste, from the maker with the most customers to the one with the fewest. */
export const itemsBy = (taste: Pick<Item, "category" | "style" | "colour">): Item[] =>
  MAKERS.map((maker) => BY_NAME.get(nameOf({ ...taste, maker })) as Item);

function nameOf({ category, style, colour, maker }: Omit<Item, "name" | "price">): string {
  return `${maker} ${style} ${category}, ${colour}`;
}

/** Returns the item of a name. Throws an Error if the shop has none. */
export function itemOf(name: string): Item {
  const item = BY_NAME.get(name);
  if (item) return item;
  throw new Error(`the shop has no "${name}"`);
}
