// What is wrong with a definition, and where in it.

export interface Diagnostic {
  severity: "ERROR" | "WARNING";
  /** e.g. `SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`. */
  code: string;
  message: string;
  /** JSON pointer into the definition, e.g. `/States/Wait/Timestamp`. */
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
    this.diagnostics.push({ severity: "ERROR", code, message, ...(this.location ? { location: this.location } : {}) });
  }

  warn(message: string, code: string): void {
    this.diagnostics.push({
      severity: "WARNING",
      code,
      message,
      ...(this.location ? { location: this.location } : {}),
    });
  }
}
