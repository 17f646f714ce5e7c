import assert from "node:assert/strict";
import fc from "fast-check";
import { graph, layout, query } from "../../../components/cloudwatch/widgets.js";

const widget = graph("Title", "eu-central-1", [["AWS/States", "ExecutionsFailed"]]);

describe("The layout of a dashboard", () => {
  it("fills rows without overlap and within the width of 24", () => {
    const row = fc.record({
      height: fc.integer({ min: 1, max: 12 }),
      widgets: fc.array(fc.constant(widget), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const taken = new Set<string>();
        for (const { x, y, width, height } of layout(rows).widgets as Record<string, number>[]) {
          assert.ok((x ?? 0) + (width ?? 0) <= 24);
          for (let column = x ?? 0; column < (x ?? 0) + (width ?? 0); column++)
            for (let line = y ?? 0; line < (y ?? 0) + (height ?? 0); line++) {
              assert.ok(!taken.has(`${column} ${line}`), "overlap");
              taken.add(`${column} ${line}`);
            }
        }
      }),
    );
  });

  it("writes a Logs Insights query with its sources first", () => {
    assert.equal(
      query("Title", "eu-central-1", ["/aws/events/a", "/aws/events/b"], ["stats count(*)"]).properties.query,
      "SOURCE '/aws/events/a' | SOURCE '/aws/events/b'\n| stats count(*)",
    );
  });
});
