import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { itemOf } from "../../../examples/shop/catalogue.ts";
import { sessionsOf } from "../../../examples/shop/sessions.ts";

/** The sessions that a model learns from, and others to measure it with. */
export interface ShopSessions {
  readonly learned: string[][];
  readonly heldOut: string[][];
}

/** The paths of the files of a shop. */
export interface ShopFiles {
  readonly clicks: string;
  readonly valid: string;
  readonly model: string;
  readonly items: string;
  readonly metadata: string;
  /** The folder that the Worker serves. */
  readonly assets: string;
  readonly index: string;
}

export function shopFiles(folder: string): ShopFiles {
  const file = (name: string): string => join(folder, name);
  return {
    clicks: file("clicks.jsonl"),
    valid: file("valid.jsonl"),
    model: file("model.safetensors"),
    items: file("items.txt"),
    metadata: file("items.jsonl"),
    assets: file("assets"),
    index: file("assets/index.midx"),
  };
}

/** Makes the sessions of a shop and writes them, in an empty folder. */
export function writeSessions(
  folder: string,
  counts: { readonly learned: number; readonly heldOut: number },
  seed: number,
): ShopSessions {
  rmSync(folder, { recursive: true, force: true });
  const { assets, clicks, valid } = shopFiles(folder);
  mkdirSync(assets, { recursive: true });
  const sessions = sessionsOf(counts.learned + counts.heldOut, seed);
  const [learned, heldOut] = [sessions.slice(0, counts.learned), sessions.slice(counts.learned)];
  writeFileSync(clicks, lines(learned.map((items) => ({ items }))));
  writeFileSync(valid, lines(heldOut.map((items) => ({ items }))));
  return { learned, heldOut };
}

/** Writes the columns of each item that the model has, in its order. */
export function writeMetadata({ items, metadata }: ShopFiles): void {
  const names = readFileSync(items, "utf8").trimEnd().split("\n");
  writeFileSync(
    metadata,
    lines(names.map(itemOf).map(({ category, style, colour, price }) => ({ category, style, colour, price }))),
  );
}

const lines = (values: readonly object[]): string => `${values.map((value) => JSON.stringify(value)).join("\n")}\n`;

/** Arguments of the command line that train the model. */
export const trainingOf = ({ clicks, valid, model, items }: ShopFiles, epochs: number): string[] => [
  ...["train", clicks, "--task", "next-item", "--encoder", "gru", "--sampler", "midx", "--valid", valid],
  ...["--epochs", String(epochs), "--learning-rate", "0.004", "-o", model, "--labels-out", items],
];

/** Arguments of the command line that build the index with its encoder and columns. */
export const buildOf = ({ model, metadata, index }: ShopFiles): string[] => [
  ...["build", model],
  ...["--metadata", metadata, "--columns", "category:string,style:string,colour:string,price:number", "-o", index],
];
