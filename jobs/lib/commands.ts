// Commands of an image whose container command is `[name, …arguments]`; the module of a command is loaded when it is run.

export interface Command {
  /** Its arguments, as they are shown to who gets them wrong. */
  usage: string;
  /** Loads what carries the command out: a function of the arguments that gives the exit code of the process. */
  load(): Promise<(argv: string[]) => Promise<number>>;
}

export class Commands {
  /** @param commands by name */
  constructor(
    private readonly commands: Record<string, Command>,
    private readonly err: (line: string) => void = (line) => console.error(line),
  ) {}

  /** Carries out a container's command. @returns the exit code of the process; 2 when there is no such command */
  async run([name, ...argv]: string[]): Promise<number> {
    const command = name !== undefined && Object.hasOwn(this.commands, name) ? this.commands[name] : undefined;
    if (!command) {
      const known = Object.entries(this.commands).map(([other, { usage }]) => `  ${other} ${usage}`.trimEnd());
      this.err(`${name === undefined ? "No command was given" : `There is no command '${name}'`}. Commands:`);
      for (const line of known) this.err(line);
      return 2;
    }
    return (await command.load())(argv);
  }
}
