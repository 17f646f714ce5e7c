import assert from "node:assert/strict";
import { renderHtml } from "../../../automation/report/html.js";
import { renderJunit, xmlText } from "../../../automation/report/junit.js";
import { renderBook } from "../../../automation/report/markdown.js";
import { totals } from "../../../automation/report/model.js";
import { headline } from "../../../automation/report/text.js";
import { ticks } from "../../../automation/report/timeline-svg.js";
import { SAMPLE } from "./sample.js";

/** Tags of a text that open and close in order. @returns what is wrong; undefined when all is well */
function unbalanced(markup: string): string | undefined {
  const open: string[] = [];
  const VOID = new Set(["meta", "br", "hr", "img", "line", "rect"]);
  for (const [, closing, name = "", selfClosing] of markup.matchAll(/<(\/?)([a-zA-Z][\w-]*)[^>]*?(\/?)>/g)) {
    if (closing) {
      const expected = open.pop();
      if (expected !== name) return `</${name}> where </${expected}> was expected`;
    } else if (!selfClosing && !VOID.has(name)) open.push(name);
  }
  return open.length > 0 ? `<${open.join("><")}> is not closed` : undefined;
}

describe("the report of a run", () => {
  it("counts verdicts and leaks", () => {
    assert.deepEqual(totals(SAMPLE), { passed: 1, failed: 1, skipped: 1, leaks: 1 });
    assert.equal(headline(SAMPLE), "1 passed, 1 failed, 1 skipped, 1 leak in 1 m 01 s");
  });

  describe("as JUnit", () => {
    const xml = renderJunit(SAMPLE);

    it("is well-formed, with failures and skipped tests where CI looks for them", () => {
      assert.equal(unbalanced(xml.replace(/<\?xml.*\?>/, "")), undefined);
      assert.match(xml, /<testsuites [^>]*tests="3" failures="1" errors="0" skipped="1"/);
      assert.match(xml, /<testcase classname="smoke" name="sanders-daily" time="20.500">/);
      assert.match(
        xml,
        /<failure message="reads-outside ended: expected FAILED, found &quot;SUCCEEDED&quot; &lt;again&gt;" type="verify">/,
      );
      assert.match(xml, /<skipped message="It depends on/);
    });

    it("has no character that XML cannot hold", () => {
      assert.equal(xmlText("a\u0007b\u0000c\n\t<"), "abc\n\t&lt;");
      assert.ok(!xml.includes("\u0007"));
    });
  });

  describe("as a book", () => {
    const book = renderBook(SAMPLE);

    it("has a page for the run and one for each test, all in the summary", () => {
      assert.deepEqual(Object.keys(book).sort(), [
        "book.toml",
        "src/SUMMARY.md",
        "src/run.md",
        "src/sanders-daily.md",
        "src/sanders-later.md",
        "src/sanders-refused.md",
      ]);
      for (const page of ["run", "sanders-daily", "sanders-later", "sanders-refused"])
        assert.ok(book["src/SUMMARY.md"]?.includes(`(${page}.md)`), page);
    });

    it("keeps tables whole when a text has the sign that separates columns", () => {
      const page = renderBook({
        ...SAMPLE,
        tests: SAMPLE.tests.map((test) => ({
          ...test,
          checks: [{ name: "a|b\nc", passed: true, expected: "x", actual: "y" }],
        })),
      });
      assert.match(page["src/sanders-daily.md"] ?? "", /\| ok \| a\\\|b c \| x \| y \|/);
    });
  });

  describe("as a page", () => {
    const html = renderHtml(SAMPLE);

    it("needs nothing from elsewhere and runs no script", () => {
      assert.ok(!/<script|<link|<img|src=|url\(|@import|https?:/i.test(html));
      assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
    });

    it("is balanced, and escapes what tests say", () => {
      assert.equal(unbalanced(html.replace("<!doctype html>", "").replace(/<style>.*<\/style>/s, "")), undefined);
      assert.ok(html.includes("&lt;b&gt;bold&lt;/b&gt; &amp; done"));
      assert.ok(html.includes("Features &lt;8g&gt;"));
    });

    it("shows every test's verdict, times, checks, data, timeline, jobs and logs", () => {
      for (const text of [
        "sanders-daily",
        "sanders-refused",
        "sanders-later",
        "4.2 s",
        "quarantined trips",
        "123438",
        "Model training",
      ])
        assert.ok(html.includes(text), text);
      for (const text of [
        "feature-extraction",
        "AWS::SQS::Queue planted",
        "expected 1, found 2",
        "3 lines before these",
      ])
        assert.ok(html.includes(text), text);
    });

    it("can be read without seeing it", () => {
      assert.match(html, /<html lang="en">/);
      const tables = html.match(/<table>/g)?.length ?? 0;
      assert.equal(html.match(/<caption>/g)?.length, tables);
      assert.match(html, /<svg [^>]*role="img" aria-label="Timeline of orchestrator, 12 s/);
      const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      assert.equal(new Set(ids).size, ids.length, "ids are unique");
    });
  });

  it("marks the time axis at round values", () => {
    assert.deepEqual(ticks(12), [0, 2, 4, 6, 8, 10, 12]);
    assert.deepEqual(ticks(0.5), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    for (const total of [0.01, 1, 7, 59, 3600, 100_000]) assert.ok(ticks(total).length <= 7, String(total));
  });
});
