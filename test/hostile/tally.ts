import type { Verdict } from "./judge.ts";

/** Counts verdicts. SECURITY.md quotes the line that it prints. */
export class Tally {
  readonly #codes = new Map<Verdict, number>();
  #slowest = 0;

  add(verdict: Verdict, milliseconds = 0): void {
    this.#codes.set(verdict, this.of(verdict) + 1);
    this.#slowest = Math.max(this.#slowest, milliseconds);
  }

  of(verdict: Verdict): number {
    return this.#codes.get(verdict) ?? 0;
  }

  get tried(): number {
    return Array.from(this.#codes.values()).reduce((sum, count) => sum + count, 0);
  }

  get refused(): number {
    return this.tried - this.of("harmless");
  }

  get codes(): string[] {
    return [...this.#codes.keys()].filter((code) => code !== "harmless").sort();
  }

  print(what: string): void {
    const counts = `${this.tried} tried, ${this.refused} refused, ${this.of("harmless")} harmless`;
    const slowest = this.#slowest > 0 ? `; slowest ${this.#slowest.toFixed(1)} ms` : "";
    console.info(`${what}: ${counts}${slowest}`);
  }
}
