import { CATEGORIES, type Category } from "../../examples/shop/catalogue.ts";
import { createClient } from "../../worker/client.ts";
import { byId } from "../elements.ts";
import { count, duration } from "../numbers.ts";
import { cardOf, clickedOf } from "./cards.ts";
import { type Recommendation, Visit } from "./visit.ts";

const SHOWN = 18;
/** Four characters of base64 are three bytes, and four bytes are a value. */
const CHARACTERS_OF_VALUE = 16 / 3;

const client = createClient(location.origin);
const items = byId("items", HTMLElement);
const error = byId("error", HTMLElement);
const restart = byId("restart", HTMLButtonElement);
const forms = new Intl.PluralRules("en");

/** The visit that is shown. If there is none, the next request begins another. */
let current: Visit | undefined;
let category: Category | undefined;
/** The requests, one after the other, so that a click reads the state of the one before. */
let asked: Promise<void> = Promise.resolve();
let waiting = 0;

restart.onclick = () =>
  ask(() => {
    current = undefined;
  });
showCategories();
ask(() => undefined);

/** Makes a request, and shows what to click next. A failure is shown, and leaves the items as they were. */
function ask(change: () => Promise<void> | void): void {
  items.ariaBusy = "true";
  waiting++;
  asked = asked.then(async () => {
    try {
      const start = performance.now();
      await change();
      current ??= new Visit(client, (await client.info()).dim);
      const found = await current.recommend(SHOWN, category);
      showItems(found, current);
      showVisit(current, performance.now() - start);
      error.textContent = "";
    } catch (failure) {
      error.textContent = failure instanceof Error ? failure.message : String(failure);
    }
    waiting--;
    items.ariaBusy = String(waiting > 0);
  });
}

function showItems(found: readonly Recommendation[], visit: Visit): void {
  const most = found[0]?.probability ?? 1;
  const click = (name: string): void => ask(() => visit.click(name));
  items.replaceChildren(...found.map((item) => cardOf(item, most, click)));
}

function showVisit({ clicked, kept }: Visit, milliseconds: number): void {
  restart.hidden = clicked.length === 0;
  byId("clicked", HTMLElement).replaceChildren(...clicked.map(clickedOf));
  byId("items-heading", HTMLElement).textContent = clicked.length === 0 ? "Clicked most" : "You may like";
  const clicks = `${count(clicked.length)} ${forms.select(clicked.length) === "one" ? "click" : "clicks"}`;
  const values = count(Math.floor(kept.length / CHARACTERS_OF_VALUE));
  const state =
    clicked.length === 0 ? "" : ` This page keeps ${values} numbers for your ${clicks}; the server keeps none.`;
  byId("facts", HTMLElement).textContent = `Answered in ${duration(1000 * milliseconds)}.${state}`;
}

function showCategories(): void {
  const buttons = [undefined, ...CATEGORIES].map((choice) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice ?? "all";
    button.ariaPressed = String(choice === undefined);
    button.onclick = () => {
      category = choice;
      for (const other of buttons) other.ariaPressed = String(other === button);
      ask(() => undefined);
    };
    return button;
  });
  byId("categories", HTMLElement).replaceChildren(...buttons);
}
