import { type Client, MidxError, type SequenceState } from "../../worker/client.ts";

/** An item for a visitor, with the probability that it is clicked next. */
export interface Recommendation {
  readonly name: string;
  readonly probability: number;
}

/** A visit of the shop. It keeps the state of the encoder itself: the server knows no visitors. */
export class Visit {
  /** The names of the clicked items, in order. */
  readonly clicked: string[] = [];
  private readonly client: Pick<Client, "encode" | "predict">;
  private state: SequenceState | undefined;
  private vector: readonly number[];

  /** Before the first click, a query of zeros asks for the items that are clicked most. */
  constructor(client: Pick<Client, "encode" | "predict">, dim: number) {
    this.client = client;
    this.vector = Array<number>(dim).fill(0);
  }

  /** Tells the server of a click, with the state that the clicks before it gave. A double click is one. */
  async click(name: string): Promise<void> {
    if (this.clicked.includes(name)) return;
    const { vector, state } = await this.encode(name);
    this.clicked.push(name);
    this.vector = vector;
    this.state = state;
  }

  /** Asks what may be clicked next, without the items that have been clicked. */
  async recommend(k: number, category?: string): Promise<Recommendation[]> {
    const answer = await this.client.predict(this.vector, {
      k,
      exclude: this.clicked,
      seed: 1,
      ...(category !== undefined && { filter: { category } }),
    });
    const { labels = [], probabilities } = answer;
    return labels.map((label, i) => ({ name: String(label), probability: probabilities[i] ?? 0 }));
  }

  /** The values of the state, in base64, which only this page has. */
  get kept(): string {
    return this.state?.values ?? "";
  }

  /** An index that is served in place of another one refuses the other's state, and then reads all clicked items. */
  private async encode(name: string): Promise<Awaited<ReturnType<Client["encode"]>>> {
    if (!this.state) return this.client.encode([name]);
    try {
      return await this.client.encode([name], { state: this.state });
    } catch (error) {
      if (!(error instanceof MidxError && error.detail.startsWith('"state.contentId"'))) throw error;
      return this.client.encode([...this.clicked, name]);
    }
  }
}
