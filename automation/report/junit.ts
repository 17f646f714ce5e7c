// The report as JUnit XML, as CI systems read it.
import { type RunReport, secondsOf, type TestReport, totals } from "./model.js";

/** Text for XML: escaped, and without the characters that XML 1.0 has no way to write. */
export function xmlText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}

export function renderJunit(report: RunReport): string {
  const { failed, skipped } = totals(report);
  const wall = ((report.finishedAt.getTime() - report.startedAt.getTime()) / 1000).toFixed(3);
  const suites = [...new Set(report.tests.map(({ suite }) => suite))].map((suite) => {
    const tests = report.tests.filter((test) => test.suite === suite);
    const count = (verdict: string) => tests.filter((test) => test.verdict === verdict).length;
    const time = tests.reduce((sum, test) => sum + secondsOf(test), 0).toFixed(3);
    return [
      `  <testsuite name="${xmlText(suite)}" tests="${tests.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}" time="${time}" timestamp="${report.startedAt.toISOString()}">`,
      ...tests.map((test) => testCase(suite, test)),
      "  </testsuite>",
    ].join("\n");
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="crucible ${xmlText(report.run)}" tests="${report.tests.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${wall}">`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(suite: string, test: TestReport): string {
  const reason = test.reason ?? "";
  const firstLine = xmlText(reason.split("\n")[0] ?? "");
  const body =
    test.verdict === "failed"
      ? [`      <failure message="${firstLine}" type="${test.failedIn ?? "test"}">${xmlText(reason)}</failure>`]
      : test.verdict === "skipped"
        ? [`      <skipped message="${firstLine}"/>`]
        : [];
  const properties = [
    ["resources", test.resources],
    ["leaks", test.leaks.length],
    ...Object.entries(test.seconds).map(([part, value]) => [`seconds.${part}`, value.toFixed(3)]),
  ].map(([name, value]) => `        <property name="${name}" value="${value}"/>`);
  return [
    `    <testcase classname="${xmlText(suite)}" name="${xmlText(test.name)}" time="${secondsOf(test).toFixed(3)}">`,
    "      <properties>",
    ...properties,
    "      </properties>",
    ...body,
    "    </testcase>",
  ].join("\n");
}
