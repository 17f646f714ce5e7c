// Commands of an image whose container command is `[name, …arguments]`; the module of a command is loaded when it is run.

export interface Command {
  /** Its arguments, as they are shown to who gets them wrong. */
  usage: string;
  /** How many arguments it takes. @default any number */
  arity?: number;
  /** Loads what carries the command out: a function of the arguments that gives the exit code of the process. */
  load(): Promise<(argv: string[]) => Promise<number>>;
}

export class Commands {
  /** @param commands by name */
  constructor(
    private readonly commands: Record<string, Command>,
    private readonly err: (line: string) => void = (line) => console.error(line),
  ) {}

  /** Carries out a container's command. @returns the exit code of the process; 2 when there is no such command, or it is not so used */
  async run([name, ...argv]: string[]): Promise<number> {
    const command = name !== undefined && Object.hasOwn(this.commands, name) ? this.commands[name] : undefined;
    if (!command) {
      const known = Object.entries(this.commands).map(([other, { usage }]) => `  ${other} ${usage}`.trimEnd());
      this.err(`${name === undefined ? "No command was given" : `There is no command '${name}'`}. Commands:`);
      for (const line of known) this.err(line);
      return 2;
    }
    if (command.arity !== undefined && command.arity !== argv.length) {
      this.err(`'${name}' takes ${command.arity} arguments, not ${argv.length}: ${name} ${command.usage}`);
      return 2;
    }
    return (await command.load())(argv);
  }
}
