import type { ColourName } from "../colours.ts";
import { make } from "../elements.ts";
import { percent, worth } from "../numbers.ts";
import { Histogram } from "./histogram.ts";

/** The panel of a method: its name, its histogram, and the quality of its estimate. */
export class Panel {
  readonly element: HTMLElement;
  private readonly title = make("strong", {});
  private readonly note = make("span", { className: "note" });
  private readonly quality = make("span", { className: "quality" });
  private readonly container = make("div", { className: "plot" });
  private histogram: Histogram | undefined;
  private readonly colour: ColourName;

  constructor(colour: ColourName) {
    this.colour = colour;
    this.container.ariaHidden = "true";
    this.element = make("figure", {}, make("figcaption", {}, this.title, this.note, this.quality), this.container);
    this.element.style.setProperty("--colour", `var(--${colour})`);
  }

  name({ title, note }: { title: string; note: string }, labels: readonly string[], exact: Float64Array): void {
    this.title.textContent = title;
    this.note.textContent = note;
    this.histogram ??= new Histogram(this.container, this.colour);
    this.histogram.name(labels, exact);
  }

  /** @param error total variation from the exact shares */
  show(shares: Float64Array, error: number, effective: number): void {
    this.histogram?.show(shares);
    this.quality.replaceChildren(
      "off by ",
      make("strong", {}, `${percent(error)} %`),
      `, as good as ${worth(effective)} draws from the softmax`,
    );
  }
}
