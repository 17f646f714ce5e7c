// Names of sessions that services open of their own.

/** The text as far as a session's name allows ("AssumeRole", AWS STS API Reference): 2 to 64 of its characters. */
export const sessionName = (text: string): string =>
  text
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-");

/** The session's name for a rule or schedule: its own name. */
export const targetSessionName = (source: string): string => sessionName(source.split("/").at(-1) ?? "");
