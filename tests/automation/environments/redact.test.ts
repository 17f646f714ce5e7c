import assert from "node:assert/strict";
import fc from "fast-check";
import { createRedactor, REDACTED, withheld } from "../../../automation/environments/redact.js";

describe("redaction", () => {
  it("replaces secrets wherever they stand", () => {
    const redactor = createRedactor("hunter22", { nested: ["correct horse"] });
    assert.equal(redactor.text("password=hunter22;"), `password=${REDACTED};`);
    assert.deepEqual(redactor.json({ a: ["x correct horse y"], at: new Date(0), n: 5 }), {
      a: [`x ${REDACTED} y`],
      at: new Date(0),
      n: 5,
    });
  });

  it("finds a secret inside JSON text, where quotes and line ends are escaped", () => {
    const secret = 'a "quoted"\nkey';
    assert.equal(createRedactor(secret).text(JSON.stringify({ secret })), `{"secret":"${REDACTED}"}`);
  });

  it("replaces a secret that contains another as a whole", () => {
    assert.equal(createRedactor("abcd", "abcdefgh").text("abcdefgh"), REDACTED);
  });

  it("leaves words alone that are too short to be secrets", () => {
    assert.equal(createRedactor("on", 7).text("on line 7"), "on line 7");
  });

  it("lets no secret of four characters or more through", () => {
    const text = fc.string({ minLength: 4 }).filter((secret) => !REDACTED.includes(secret));
    fc.assert(
      fc.property(text, fc.string(), fc.string(), (secret, before, after) => {
        const shown = createRedactor(secret).text(`${before}${secret}${after}`);
        return !shown.replaceAll(REDACTED, "").includes(secret) || `${before}${after}`.includes(secret.slice(0, 1));
      }),
    );
  });

  it("withholds outputs by their flag", () => {
    const outputs = { name: { value: "x", secret: false }, key: { value: { inner: "y" }, secret: true } };
    assert.deepEqual(withheld(outputs), { name: "x", key: REDACTED });
  });
});
