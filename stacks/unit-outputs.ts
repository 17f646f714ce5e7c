// How units find each other: by their outputs, which are the same whether a unit is in this stack or in one of its own.
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "./config.js";

export interface UnitOutputs {
  /** An output of the unit, as it gave it. Fails, naming unit, stack and output, when there is none of that name. */
  get<T = string>(key: string): pulumi.Output<T>;
}

/** The outputs of the units of this stack, as they come, and of those in other stacks. */
export class DeployedUnits {
  readonly #here = new Map<string, Record<string, pulumi.Output<unknown>>>();
  readonly #elsewhere = new Map<string, UnitOutputs>();

  constructor(private readonly config: Pick<StackConfig, "environment" | "stacks" | "source">) {}

  /** @throws when another unit of the stack has an output of the same name */
  add(unit: string, outputs: Record<string, pulumi.Output<unknown>>): void {
    for (const [other, theirs] of this.#here) {
      const twice = Object.keys(outputs).find((key) => key in theirs);
      if (twice !== undefined) throw new Error(`The units ${other} and ${unit} both have an output named ${twice}`);
    }
    this.#here.set(unit, outputs);
  }

  /** Of all units of this stack together. */
  all(): Record<string, pulumi.Output<unknown>> {
    return Object.assign({}, ...this.#here.values());
  }

  /**
   * Reads the outputs of a unit in another stack, the one that the configuration names or `<environment>-<unit>`. They are awaited, so
   * that one that is missing stops the program before it makes anything.
   */
  async load(unit: string): Promise<void> {
    const { stacks, environment, source } = this.config;
    const stack = stacks[unit] ?? `${pulumi.getOrganization()}/${pulumi.getProject()}/${environment}-${unit}`;
    // The engine itself says when there is no such stack, and names the reference: so it bears the unit's name.
    const reference = new pulumi.StackReference(unit, { name: stack });
    const [values, secrets] = await new Promise<[Record<string, unknown>, string[]]>((resolve) => {
      pulumi.all([reference.outputs, reference.secretOutputNames]).apply(resolve);
    });
    this.#elsewhere.set(unit, {
      get<T>(key: string) {
        if (key in values)
          return (secrets.includes(key) ? pulumi.secret(values[key]) : pulumi.output(values[key])) as pulumi.Output<T>;
        throw new pulumi.RunError(
          `${source}: the stack ${stack} has no output ${key}, which the unit ${unit} would have given it. ` +
            `Deploy ${unit} first (pulumi up --stack ${stack.split("/").at(-1)}), or say in crucible:stacks which stack has it.`,
        );
      },
    });
  }

  /** @throws when the unit was neither added nor loaded: a unit names what it depends on */
  outputsOf(unit: string): UnitOutputs {
    const elsewhere = this.#elsewhere.get(unit);
    if (elsewhere) return elsewhere;
    const here = this.#here.get(unit);
    if (!here) throw new Error(`The outputs of ${unit} are asked for by a unit that does not depend on it`);
    return {
      get<T>(key: string) {
        if (!(key in here)) throw new Error(`The unit ${unit} has no output named ${key}`);
        return here[key] as pulumi.Output<T>;
      },
    };
  }
}
