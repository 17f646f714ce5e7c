// Handlers of the order functions on AWS Lambda; a function names one as `main.<handler>`.
import { type Order, parseOrder } from "./order.js";

/** `validateOrder`: gives the order in its one form, with the input of the workflow that it is for; fails with `InvalidOrder`. */
export async function validateOrder(event: unknown): Promise<Order> {
  return parseOrder(event);
}
