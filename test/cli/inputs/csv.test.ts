import { describe, expect, test } from "vitest";
import { openInput, readVector } from "../../../src/cli/inputs/open.ts";
import { writeInput } from "../files.ts";
import { read, readChunks, readLabelled, refusal } from "./read-input.ts";

const csv = (...parts: string[]): string => writeInput("w.csv", Buffer.from(parts.join("")));

describe("a .csv input", () => {
  test.each([
    ["without names", "1,-2,3.5\n0,.25,1024\n"],
    ["with names", "a,b,c\n1,-2,3.5\n0,.25,1024\n"],
    ["without an end of the last line", "a,b,c\n1,-2,3.5\n0,.25,1024"],
    ["with CRLF and a byte order mark", "\ufeffa,b,c\r\n1,-2,3.5\r\n0,.25,1024\r\n"],
    ["with a byte order mark and no names", "\ufeff1,-2,3.5\n0,.25,1024\n"],
    ["with quotes and white space", '"a","b","c"\n"1", -2 ,"3.5"\n0,"2.5e-1",+1.024E3\n'],
    ["with quotes over lines", '"a","b\nb","c"\n1,-2,3.5\n0,.25,1024\n'],
    ["with empty lines", "a,b,c\n\n1,-2,3.5\n\n\n0,.25,1024\n\n"],
    ["with columns of text", 'word,a,b,note,c\napple,1,-2,,3.5\n"pear, ripe",0,.25,"of 1984",1024\n'],
    ["with a column of ids that are numbers", "id,a,b,c\n7,1,-2,3.5\n9,0,.25,1024\n"],
    ["as pandas writes it, its rows numbered", ",a,b,c\nx,1,-2,3.5\ny,0,.25,1024\n"],
  ])("gives the same six numbers: %s", async (_, text) => {
    expect(await read(csv(text))).toEqual({ values: [1, -2, 3.5, 0, 0.25, 1024], shape: [2, 3] });
  });

  test("gives the same rows in chunks of any size, from any row, over the pieces it is read in", async () => {
    const values = Array.from({ length: 40_000 * 2 }, (_, i) => (i % 1000) + 0.123456789);
    const lines = Array.from(
      { length: 40_000 },
      (_, row) => `"row\n${row}",${values[2 * row]},${values[2 * row + 1]}\n`,
    );
    const path = csv("name,x,y\n", ...lines);
    const expected = Array.from(Float32Array.from(values));
    expect((await readChunks(path, 40_000)).flat()).toEqual(expected);
    const chunks = await readChunks(path, 999, 30_001);
    expect(chunks.flat()).toEqual(expected.slice(60_002));
    expect(new Set(chunks.slice(0, -1).map(({ length }) => length))).toEqual(new Set([1998]));
  });

  test("keeps the line ends in quoted fields, byte for byte", async () => {
    const path = csv('id,x\r\n"a\r\nb",1\r\n"a\n\r\nb",2\r\n"a\nb",3');
    expect((await readLabelled(path)).labels).toEqual(["a\r\nb", "a\n\r\nb", "a\nb"]);
  });

  test("takes the labels from the column that is named, by default id, and none without", async () => {
    const path = csv('id,word,x\n7,"é,\n""à""",1\n08,b,2\n');
    expect(await readLabelled(path)).toEqual({ values: [1, 2], labels: ["7", "08"] });
    expect(await readLabelled(path, { idField: "word" })).toEqual({ values: [1, 2], labels: ['é,\n"à"', "b"] });
    expect(await readLabelled(path, { idField: false })).toEqual({ values: [1, 2], labels: undefined });
    expect(await refusal(read(path, { idField: "none" }))).toMatchObject({
      code: "RangeError",
      message: expect.stringContaining(`'--id-field': there is no column "none"; the file has "id", "word", "x"`),
    });
  });

  test("takes text of digits for text", async () => {
    const path = csv('when,amount,word,x\n2026-11-28 12:00,"1,000",a;1,1\n,"12,345,678",b,2\n');
    expect((await read(path)).values).toEqual([1, 2]);
  });

  test("needs to be told of names that could be numbers, and believes what it is told", async () => {
    const path = csv("0,1,2\n5,6,7\n");
    expect((await refusal(read(path))).message).toContain(
      "line 1 may be column names or numbers: say which with '--header present'",
    );
    expect((await read(path, { header: "present" })).values).toEqual([5, 6, 7]);
    expect((await read(path, { header: "absent" })).values).toEqual([0, 1, 2, 5, 6, 7]);
    expect((await refusal(read(csv("word,0,1\na,5,6\n")))).message).toContain("'--header present'");
    // The index of pandas has no name. Elsewhere, an empty field in the first line is a missing value.
    expect((await refusal(read(csv(",0,1\n0,5,6\n1,7,8\n2,9,9\n")))).message).toContain("numbers the rows");
    expect((await refusal(read(csv(",name,2019\n0,a,6\n1,b,8\n2,c,9\n")))).message).toContain("numbers the rows");
    for (const text of [",0.2,0.3\n0.1,0.2,0.3\n", ",0.5,0.3\n0,1,0\n1,0,1\n", ",1\n5,3\n", ",\n5,3\n"]) {
      expect((await refusal(read(csv(text)))).message, text).toContain("line 1");
    }
    expect((await read(csv("word,1.5,1\na,5,6\n"))).values).toEqual([1.5, 1, 5, 6]);
  });

  test.each([
    ["text among values", "a,b\n1,2\n3,x\n", 'line 3, column "b" expected a number, got "x"'],
    ["text that is a program", "a,b\n1,2\n3,=1+1\n", 'got "=1+1"'],
    ["hexadecimal digits", "a,b\n1,2\n3,0x10\n", 'got "0x10"'],
    ["a decimal comma in quotes", 'a,b\n1,2\n"3,5",4\n', 'line 3, column "a"'],
    ["text in a column without a name", "1,5\n3,x\n", 'line 2, column "1"'],
    ["a line that is too short", "a,b\n1,2\n3\n", "line 3 has 1 fields, expected 2"],
    ["a line that is too long", 'a,b\n"1\n",2\n\n3,4,5\n', "line 5 has 3 fields, expected 2"],
    ["an open quote", 'a,b\n1,2\n"3,4\n', "csv-syntax"],
    ["a character behind a closing quote", 'a,b\n1,2\n"3"x,4\n', "line 3: a closing quote expected a comma"],
    ["a quote behind a closing quote", 'a,b\n1,2\n3,"4" ""\n', "csv-syntax"],
    ["semicolons between quotes", '"a";"b"\n1;2\n', 'expected a comma or the end of the line behind it, got ";"'],
    ["a quote inside a field", 'a,b\n1,2\n3,4"5"\n', "line 3: a field expected quotes around all of it"],
    ["semicolons in front of quotes", 'a;b\n1;"2"\n', 'and commas between fields, got "1;\\"2\\""'],
    [
      "lists beside a number",
      'id,embedding,price\na,"[0.5, -1, 2]",3\n',
      'column "embedding" lists 3 numbers in a field, expected one: write each value into a column of its own',
    ],
    ["lists of numpy", "word,embedding\na,[0.5 -1.]\n", 'column "embedding" lists 2 numbers'],
    ["spaces between numbers", "1 2 3\n4 5 6\n", 'column "1 2 3" lists 3 numbers in a field'],
    ["bars between numbers", "a|b,c\n1|2,3\n", 'column "a|b" lists 2 numbers'],
    [
      "words and numbers between spaces",
      "a 1 2\nb 3 4\n",
      'no column of numbers: expected commas between values and decimal points in numbers, got "a 1 2"',
    ],
    [
      "text in front of numbers",
      "a,b\n1,n/a\n2,0.5\n3,1.5\n",
      'line 2, column "b" expected a number, got "n/a", as 2 of the 3 fields of this column are numbers: correct it, or remove the column if it is no value of the rows',
    ],
    [
      "text in front of numbers, behind empty fields",
      "a,b\n1,\n2,-\n3,4\n5,\n6,7\n",
      'line 3, column "b" expected a number',
    ],
    [
      "the numbers of rows as pandas writes them",
      ",a,b\n0,1,2\n1,3,4\n2,5,6\n",
      "a column without a name numbers the rows, which is no value: save the file without it (in pandas with index=False)",
    ],
    ["numbers of rows that pandas has shuffled", ",a\n7,.5\n3,.25\n", "a column without a name numbers the rows"],
    ["numbers of rows that pandas has read and written", "Unnamed: 0,a\n7,.5\n3,.25\n", "numbers the rows"],
    [
      "two columns of one name",
      "id,a,a\nx,1,2\n",
      "two columns have the name \"a\": rename one, or say '--header absent'",
    ],
    ["a row of missing values that looks like names", "NA,NA\n1,2\n", 'two columns have the name "NA"'],
    ["no number", "word,other\na,b\n", "csv-columns"],
    ["no line but that of names", "a,b\n", "csv-columns"],
    ["no byte", "", "csv-columns"],
    ["semicolons", "a;b\n1;2\n", 'line 2, column "a;b": "1;2" looks like a number of another notation'],
    ["decimal commas between semicolons", "0,5;1,5;2\n3,5;4,5;6\n", 'line 1, column "1": "5;1" looks like'],
    [
      "decimal commas between semicolons, with labels",
      "id;x;y\na;0,5;1,5\n",
      'line 2 has 3 fields, expected 1: expected commas between values and decimal points in numbers, got "id;x;y"',
    ],
    ["a comma between tabs", "id\tx\na, b\t1\n", "expected 1: expected commas between values"],
    ["carriage returns alone", "x,y\r1,2\r3,4\r", "line 1: a carriage return without a line feed"],
    ["carriage returns alone, and quotes", '"x",y\r1,2\r', "line 1: a carriage return without a line feed"],
    ["carriage returns alone, between quotes", 'x,"y"\r"1",2\r', "line 1: a carriage return without a line feed"],
    ["carriage returns alone, in front of quotes", 'x,y\r"1",2\r', "line 1: a carriage return without a line feed"],
    ["tabs", "a,b\n1,2\t3\n", 'line 2, column "b": "2\\t3" looks like a number of another notation'],
    ["a first decimal comma in quotes", 'a,b\n1,"2,5"\n', "expected commas between numbers and decimal points in them"],
  ])("refuses %s", async (_, text, message) => {
    const path = csv(text);
    const outcome = await refusal(read(path));
    expect(outcome.code).toMatch(/^csv-/);
    expect(outcome.message).toContain(path);
    expect(outcome.message).toContain(message);
  });

  test.each([
    ["nan", "NaN"],
    ["NaN", "NaN"],
    ["", "NaN"],
    ["inf", "Infinity"],
    ["-Infinity", "-Infinity"],
    ["1e39", "1e+39 does not fit into f32"],
    ["1e999", "Infinity"],
  ])("names the line of %j, which is a number that is not finite", async (field, message) => {
    const outcome = await refusal(read(csv(`a,b\n\n1,2\n3,${field}\n`)));
    expect(outcome.code).toBe("value-not-finite");
    expect(outcome.message).toContain(`line 4, column "b": ${message}`);
  });

  test("leaves short lists beside longer rows out, as other text", async () => {
    expect((await read(csv('a,tags,b\n1,"[7, 9]",2\n3,"[8]",4\n'))).values).toEqual([1, 2, 3, 4]);
    expect((await read(csv("a,day\n1,2026-01-02 10:00\n"))).values).toEqual([1]);
  });

  test("leaves out text that is a number now and then, and columns that are named for something else", async () => {
    const path = csv("a,sku\n1,x7\n3,7\n");
    expect((await read(path)).values).toEqual([1, 3]);
    const named = csv("a,sku\n1,x7\n3,7\n5,8\n");
    expect((await readLabelled(named, { idField: "sku" })).labels).toEqual(["x7", "7", "8"]);
    const column = await openInput(named, { columns: "sku:string" });
    expect(column.inputColumns).toEqual({ values: ["a"], leftOut: [] });
    await column.close();
  });

  test("says which columns are values, and which are left out", async () => {
    for (const [text, options, inputColumns] of [
      ["id,kind,a,b,note\n7,x,1,2,y\n", {}, { values: ["a", "b"], leftOut: ["kind", "note"] }],
      ["id,kind,a\n7,x,1\n", { columns: "kind:string" }, { values: ["a"], leftOut: [] }],
      ["id,kind,a\n7,x,1\n", { idField: false }, { values: ["a"], leftOut: ["id", "kind"] }],
      ["x,1\ny,3\n", {}, { values: ["1"], leftOut: ["0"] }],
    ] as const) {
      const input = await openInput(csv(text), options);
      expect(input.inputColumns).toEqual(inputColumns);
      await input.close();
    }
  });

  test("finds a column of values whose first fields are empty", async () => {
    const outcome = await refusal(read(csv("a,b\n1,\n2,3\n")));
    expect(outcome.message).toContain('line 2, column "b": NaN');
  });

  test("names the column of the file, beside labels and columns to filter by", async () => {
    const outcome = await refusal(read(csv("id,kind,a,b,price\nx,new,1,2,3\ny,old,3,4,\n")));
    expect(outcome.message).toContain('line 3, column "price": NaN');
    const built = { invalidRemedy: "leave it out" };
    const advised = await refusal(read(csv("id,price,a\nx,,1\ny,2,3\n"), built));
    expect(advised.message).toContain(
      'column "price": NaN or an empty field is not a finite number: leave it out; if the column belongs to no vector, --columns price:number keeps it beside them',
    );
    expect((await refusal(read(csv("new,5,7\nold,3,\n"), built))).message).toContain("number: leave it out (value");
    const unnamed = await refusal(read(csv("new,5,7\nold,3,\n")));
    expect(unnamed.message).toContain('line 2, column "2": NaN');
  });

  test("refuses bytes that are not UTF-8, and a record without an end before it is all in memory", async () => {
    const latin = writeInput("w.csv", "word,x\ncaf\xe9,1\n");
    expect((await refusal(read(latin))).message).toContain("line 2 is not valid UTF-8: save the file as UTF-8");
    const wide = writeInput("w.csv", Buffer.from("\ufeffa,b\n1,2\n", "utf16le"));
    expect((await refusal(read(wide))).code).toBe("text-utf8");
    const cut = writeInput("w.csv", Buffer.from("word,x\na,1\né,2\n").subarray(0, 12));
    expect((await refusal(read(cut))).code).toBe("text-utf8");
    const endless = csv('word,x\na,1\n"', "x".repeat(2 ** 23));
    expect((await refusal(read(endless))).message).toContain("text-line");
    const lines = csv('word,x\na,1\n"', "x\n".repeat(2 ** 21 + 1), '",2\n');
    expect((await refusal(read(lines))).message).toContain("a quoted field is too long");
  });

  test("holds counts and a bias as well, a number a line", async () => {
    expect(await readVector(csv("1\n0\n7\n"))).toEqual(Float32Array.of(1, 0, 7));
    const input = await openInput(csv("1,5\n3,4\n"), { bias: csv("bias\n0.5\n-1\n"), counts: csv("3\n4\n") });
    expect([await input.bias(), await input.counts()]).toEqual([Float32Array.of(0.5, -1), Float32Array.of(3, 4)]);
    await input.close();
    expect((await refusal(readVector(csv("1,5\n3,4\n")))).message).toContain("one number per class, got rows of 2");
  });

  test("refuses a dim that is not its own, a tensor, and more columns than an index has dims", async () => {
    expect((await refusal(read(csv("1,5\n"), { dim: 3 }))).message).toContain(
      "'--dim' is 3, but the file has rows of 2 values",
    );
    expect((await refusal(read(csv("1,5\n"), { tensor: "a" }))).message).toContain(
      "'--tensor' needs a format with named tensors",
    );
    expect((await refusal(read(csv(`${"5,".repeat(4096)}5\n`)))).message).toContain(
      "expected 1..4096 values per row, got 4097",
    );
  });
});
