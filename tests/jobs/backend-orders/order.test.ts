import assert from "node:assert/strict";
import { validateOrder } from "../../../jobs/backend-orders/main.js";

describe("the order function validateOrder", () => {
  it("gives an order in its one form, with the workflow's input", async () => {
    assert.deepEqual(
      await validateOrder({
        orderId: "P2A-1001",
        title: " drug gm ",
        hhDate: "2017-11-04",
        states: ["TX", "ca", "tx"],
        quantity: 50_000,
      }),
      {
        orderId: "P2A-1001",
        quantity: 50_000,
        input: { title: "DRUG GM", hhDate: "2017-11-04", states: ["ca", "tx"], windowDays: 28 },
      },
    );
  });

  it("takes all states when none are named", async () => {
    const { input } = await validateOrder({ orderId: "a", title: "GROCERY", hhDate: "2017-11-04", quantity: 1 });
    assert.ok(!("states" in input));
  });

  it("names everything that is wrong, in the error that state machines catch", async () => {
    const order = {
      orderId: "no/slash",
      title: "9",
      hhDate: "2017-02-30",
      states: ["ca", "zz"],
      quantity: 0,
      colour: "red",
    };
    await assert.rejects(validateOrder(order), (error: Error) => {
      assert.equal(error.name, "InvalidOrder");
      for (const part of ["orderId", "title", "hhDate", "states.1", "quantity", "colour"])
        assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
      return true;
    });
    await assert.rejects(validateOrder(undefined), { name: "InvalidOrder" });
    await assert.rejects(
      validateOrder({ orderId: "a", title: "GROCERY", hhDate: "2017-11-04", states: [], quantity: 1 }),
      {
        message: /states must name a state/,
      },
    );
  });
});
