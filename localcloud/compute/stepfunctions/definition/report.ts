// What is wrong with a definition, and where in it, in AWS's words where they are known.

export interface Diagnostic {
  severity: "ERROR" | "WARNING";
  /** e.g. `SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`. */
  code: string;
  message: string;
  /** JSON pointer into the definition, e.g. `/States/Wait/Timestamp`; `/` for the definition itself. */
  location?: string;
}

/** Collects diagnostics below a place in the definition. */
export class Report {
  constructor(
    readonly diagnostics: Diagnostic[] = [],
    readonly location = "",
  ) {}

  at(...path: (string | number)[]): Report {
    const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `/${step}`));
    return new Report(this.diagnostics, this.location + steps.join(""));
  }

  error(message: string, code = "SCHEMA_VALIDATION_FAILED"): void {
    this.diagnostics.push({ severity: "ERROR", code, message, location: this.location || "/" });
  }

  /** An error of the definition as a whole, which AWS gives no place. */
  overall(message: string, code: string): void {
    this.diagnostics.push({ severity: "ERROR", code, message });
  }

  warn(message: string, code: string): void {
    this.diagnostics.push({ severity: "WARNING", code, message, location: this.location || "/" });
  }

  /** Fields of this object that it cannot have. */
  unsupported(fields: Iterable<string>): void {
    for (const field of fields) this.error(`Field '${field}' is not supported`);
  }

  /** The object lacks some of the fields that it must have. */
  required(object: object, ...fields: string[]): void {
    const missing = fields.filter((field) => !(field in object));
    if (missing.length > 0) this.error(`These fields are required: [${missing.join(", ")}]`);
  }

  /** At most one of the fields may stand in the object; `isRequired`: exactly one. */
  exclusive(object: object, fields: readonly string[], isRequired = false): void {
    const present = fields.filter((field) => field in object);
    if (present.length > 1) this.error(`There should only be one of the following fields: [${fields.join(", ")}]`);
    if (present.length > 0 || !isRequired) return;
    if (fields.length === 1) this.required(object, ...fields);
    else this.error(`This object should have only one of the following fields: [${fields.join(", ")}]`);
  }

  /** The value is one of a few texts, or there is none. */
  oneOf(value: unknown, ...allowed: string[]): void {
    if (value !== undefined && !allowed.includes(value as string))
      this.error(`Value should be one of the following: [${allowed.join(", ")}]`);
  }

  /** The value is a number within bounds. */
  number(value: unknown, least: number, most: number, isInteger = true): void {
    if (typeof value !== "number" || (isInteger && !Number.isInteger(value)))
      this.error(`Expected value of type ${isInteger ? "Integer" : "Number"}`);
    else if (value < least) this.error(`Minimum value is ${least}`);
    else if (value > most) this.error(`Maximum value is ${most}`);
  }
}
