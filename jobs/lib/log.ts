// Structured logging: one JSON object a line, as CloudWatch Logs Insights reads it without a parser.

export type LogFields = Record<string, unknown>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  /** Something a person should look at although the job goes on. */
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  job: string;
  /** Lines of level info. @default standard output */
  out?: (line: string) => void;
  /** Lines of level warn and error. @default standard error */
  err?: (line: string) => void;
  /** @default the system's clock */
  now?: () => Date;
}

/** A logger that writes `{"time","level","job","message",...fields}`. A field never hides one of these four. */
export function createLogger(options: LoggerOptions): Logger {
  const { job, now = () => new Date() } = options;
  const out = options.out ?? ((line) => process.stdout.write(`${line}\n`));
  const err = options.err ?? ((line) => process.stderr.write(`${line}\n`));
  const line = (level: string, message: string, fields: LogFields = {}) => {
    const head = { time: now().toISOString(), level, job, message };
    return JSON.stringify({ ...head, ...fields, ...head }, (_, value) =>
      typeof value === "bigint" ? Number(value) : value,
    );
  };
  return {
    info: (message, fields) => out(line("info", message, fields)),
    warn: (message, fields) => err(line("warn", message, fields)),
    error: (message, fields) => err(line("error", message, fields)),
  };
}
