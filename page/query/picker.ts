import { byId, make } from "../elements.ts";
import { count } from "../numbers.ts";
import { matchingContexts } from "./matching-contexts.ts";

const LIST_LENGTH = 50;

/** The combobox of contexts, after the ARIA pattern: the focus stays in the field, and keys move through the list. */
export class Picker {
  private readonly field = byId("context", HTMLInputElement);
  private readonly list = byId("contexts", HTMLElement);
  private readonly contexts: readonly string[];
  private readonly onPick: (row: number) => void;
  private rows: readonly number[] = [];
  private active = 0;
  private picked = "";

  constructor(contexts: readonly string[], onPick: (row: number) => void) {
    this.contexts = contexts;
    this.onPick = onPick;
    const { field, list } = this;
    field.placeholder = `one of ${count(contexts.length)}`;
    field.addEventListener("focus", () => field.select());
    field.addEventListener("click", () => this.open(""));
    field.addEventListener("input", () => this.open(field.value));
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the field
    list.addEventListener("click", ({ target }) => {
      const option = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
      if (option) this.pick(Number(option.dataset.place));
    });
  }

  /** Clears the field, for a query that is not in the list. */
  clear(): void {
    this.picked = "";
    this.close();
  }

  /** Picks a row. */
  take(row: number): void {
    this.picked = this.contexts[row] as string;
    this.close();
    this.onPick(row);
  }

  private open(typed: string): void {
    const { list, field, contexts } = this;
    this.rows = matchingContexts(contexts, typed, LIST_LENGTH);
    const options = this.rows.map((row, place) => {
      const option = make("div", {}, contexts[row] as string);
      option.id = `context-${place}`;
      option.role = "option";
      option.dataset.place = String(place);
      return option;
    });
    list.replaceChildren(
      ...(options.length > 0 ? options : [make("div", { className: "hint" }, "No context has these words.")]),
    );
    list.hidden = false;
    field.ariaExpanded = "true";
    this.activate(0);
  }

  private close(): void {
    this.list.hidden = true;
    this.field.ariaExpanded = "false";
    this.field.removeAttribute("aria-activedescendant");
    this.field.value = this.picked;
  }

  private activate(place: number): void {
    this.active = Math.max(0, Math.min(place, this.rows.length - 1));
    for (const option of this.list.querySelectorAll<HTMLElement>("[data-place]")) {
      const isActive = Number(option.dataset.place) === this.active;
      option.ariaSelected = String(isActive);
      if (isActive) option.scrollIntoView({ block: "nearest" });
    }
    if (this.rows.length > 0) this.field.setAttribute("aria-activedescendant", `context-${this.active}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    const isOpen = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      if (isOpen) this.activate(this.active + step);
      else this.open("");
    } else if (event.key === "Enter" && isOpen) this.pick(this.active);
    else if (event.key === "Escape" && isOpen) this.close();
    else return;
    event.preventDefault();
  }

  private pick(place: number): void {
    const row = this.rows[place];
    if (row !== undefined) this.take(row);
  }
}
