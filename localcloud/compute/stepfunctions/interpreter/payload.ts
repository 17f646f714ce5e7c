// Data on its way between states. The service passes the text on as it stands where nothing transforms it, white space included.
import type { Json } from "../language/json.js";

export class Payload {
  private constructor(
    readonly value: Json,
    private known: string | undefined,
  ) {}

  static of(value: Json): Payload {
    return new Payload(value, undefined);
  }

  /** @param text JSON; `value` is what it stands for */
  static read(text: string, value: Json = JSON.parse(text) as Json): Payload {
    return new Payload(value, text);
  }

  /** A list of payloads, each with its own text. */
  static list(items: Payload[]): Payload {
    return new Payload(
      items.map((item) => item.value),
      `[${items.map((item) => item.text).join(",")}]`,
    );
  }

  get text(): string {
    this.known ??= JSON.stringify(this.value);
    return this.known;
  }
}
