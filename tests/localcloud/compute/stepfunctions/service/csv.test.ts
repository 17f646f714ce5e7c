import assert from "node:assert/strict";
import { parseCsv } from "../../../../../localcloud/compute/stepfunctions/service/csv.js";

describe("Step Functions: text with delimiters", () => {
  it("has rows of fields; quotes hold delimiters and line ends", () => {
    assert.deepEqual(parseCsv('a,b\r\n1,"x, y"\n2,"line\nnext"\n', ","), [
      ["a", "b"],
      ["1", "x, y"],
      ["2", "line\nnext"],
    ]);
    assert.deepEqual(parseCsv("\ufeffa|b,c\n", "|"), [["a", "b,c"]]);
  });

  it("keeps a doubled quote, within quotes and without, as the Developer Guide's example does", () => {
    const line = 'abc,123,"commas, a quote (""), and a newline (\n)",{""MyKey"":""MyValue""},"[1,2,3]"';
    assert.deepEqual(parseCsv(line, ","), [
      ["abc", "123", 'commas, a quote ("), and a newline (\n)', '{"MyKey":"MyValue"}', "[1,2,3]"],
    ]);
    assert.deepEqual(parseCsv('"""a""",""', ","), [['"a"', ""]]);
  });

  it("keeps what a backslash escapes, and drops the backslash before anything else", () => {
    assert.deepEqual(parseCsv("path,size\nC:\\\\Program Files\\\\MyApp.exe,6534512\n", ",")[1], [
      "C:\\Program Files\\MyApp.exe",
      "6534512",
    ]);
    assert.deepEqual(parseCsv('one\\,two,\\"three\\",fo\\ur', ","), [["one,two", '"three"', "four"]]);
    assert.deepEqual(parseCsv('"say \\"hello\\", then go"', ","), [['say "hello", then go']]);
  });

  it("leaves out empty lines but not rows of empty fields", () => {
    assert.deepEqual(parseCsv('\n,\n\n""\n', ","), [["", ""], [""]]);
  });

  it("refuses a quoted field that does not end", () => {
    assert.throws(() => parseCsv('a\n"b\nc\n', ","), /row 2 does not end/);
  });
});
