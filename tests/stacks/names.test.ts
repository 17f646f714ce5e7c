import assert from "node:assert/strict";
import fc from "fast-check";
import { createNames } from "../../stacks/names.js";

const word = fc.stringMatching(/^[a-z]{1,12}$/);
const suffix = fc.stringMatching(/^[a-z0-9]{4,8}$/);

describe("Names", () => {
  it("are <system>-<what>-<environment>", () => {
    const names = createNames({ system: "sanders", environment: "dev" });
    assert.equal(names.of("batch-queue"), "sanders-batch-queue-dev");
    assert.equal(names.bucket("customer-platform"), "sanders-customer-platform-dev");
    assert.equal(names.table("daily-customer-features"), "sanders_daily_customer_features_dev");
  });

  it("of a throwaway end in its suffix where they are global, and everywhere when asked", () => {
    fc.assert(
      fc.property(word, word, suffix, (system, what, end) => {
        const some = createNames({ system, environment: "test", suffix: end });
        assert.ok(some.bucket(what).endsWith(`-${end}`));
        assert.equal(some.of(what), `${system}-${what}-test`);
        const all = createNames({ system, environment: "test", suffix: end, suffixAll: true });
        assert.equal(all.of(what), `${system}-${what}-test-${end}`);
        assert.equal(all.table(what), `${system}_${what}_test_${end}`);
      }),
    );
  });

  it("are what AWS takes as the name of a bucket, or refused", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,80}$/), suffix, (what, end) => {
        const make = () => createNames({ system: "sanders", environment: "prod", suffix: end }).bucket(what);
        const length = `sanders-${what}-prod-${end}`.length;
        if (length > 63) assert.throws(make, new RegExp(`has ${length} characters, 63 are allowed`));
        else assert.match(make(), /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
      }),
    );
  });
});
