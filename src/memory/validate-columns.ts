import { columnTensor, MAX_STRING_BYTES } from "../format/columns.ts";
import { columnsOf } from "./columns.ts";
import type { TensorChecks } from "./tensor-checks.ts";
import { checkLabelTable } from "./validate-labels.ts";

/**
 * Checks the columns: codes must stand for existing values, each value must have a class, and values must ascend. So a column
 * of values has one form. FormatError: tensor-padding, tensor-value, label-offsets, label-text, label-order.
 */
export function validateColumns(checks: TensorChecks): void {
  const { kernels, header, plan } = checks;
  for (const [i, { type, distinct, codes, numbers, texts }] of columnsOf(
    kernels.memory.buffer,
    header,
    plan,
  ).entries()) {
    const padding = (part: Parameters<typeof columnTensor>[1], { byteLength }: ArrayBufferView): void => {
      const { begin, end } = checks.place(columnTensor(i, part));
      if (end > begin) checks.padding(columnTensor(i, part), 1, end - begin, byteLength);
    };
    padding("codes", codes);
    const isUsed = new Uint8Array(distinct + 1);
    for (const [position, code] of codes.entries()) {
      if (code < 0 || code > distinct) {
        const message = `[${position}] expected 0..${distinct}, got ${code}`;
        checks.fail("tensor-value", columnTensor(i, "codes"), position * codes.BYTES_PER_ELEMENT, message);
      }
      isUsed[code] = 1;
    }
    const unused = type === "boolean" ? 0 : isUsed.indexOf(0, 1);
    if (unused > 0) checks.fail("tensor-value", columnTensor(i, "codes"), 0, `has no class of code ${unused}`);
    if (numbers) {
      padding("numbers", numbers);
      const isWrong = (value: number, at: number): boolean =>
        !Number.isFinite(value) || Object.is(value, -0) || (at > 0 && value <= (numbers[at - 1] as number));
      checks.value(
        "tensor-value",
        columnTensor(i, "numbers"),
        numbers.findIndex(isWrong),
        8,
        "expected ascending numbers",
      );
    }
    if (texts) {
      padding("offsets", texts.offsets);
      padding("text", texts.text);
      const table = { ...texts, order: Int32Array.from({ length: distinct }, (_, rank) => rank) };
      checkLabelTable(table, (code, part, byte, message) =>
        part === "Text"
          ? checks.fail(code, columnTensor(i, "text"), byte, message)
          : checks.fail(
              code,
              columnTensor(i, "offsets"),
              byte,
              part === "Order" ? "expected ascending texts" : message,
            ),
      );
      const long = table.order.findIndex(
        (rank) => (texts.offsets[rank + 1] as number) - (texts.offsets[rank] as number) > MAX_STRING_BYTES,
      );
      checks.value("tensor-value", columnTensor(i, "offsets"), long, 4, `expected at most ${MAX_STRING_BYTES} bytes`);
    }
  }
}
