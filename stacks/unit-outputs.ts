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
  readonly #elsewhere = new Map<string, pulumi.StackReference>();

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

  outputsOf(unit: string): UnitOutputs {
    const here = this.#here.get(unit);
    if (here)
      return {
        get<T>(key: string) {
          if (!(key in here)) throw new Error(`The unit ${unit} has no output named ${key}`);
          return here[key] as pulumi.Output<T>;
        },
      };
    const stack = this.#stackOf(unit);
    return {
      get: <T>(key: string) =>
        this.#reference(stack)
          .getOutput(key)
          .apply((value: T | undefined) => {
            if (value !== undefined) return value;
            throw new pulumi.RunError(
              `${this.config.source}: the stack ${stack} has no output ${key}, which the unit ${unit} would have given it. ` +
                `Deploy ${unit} first (pulumi up --stack ${stack.split("/").at(-1)}), or say in crucible:stacks which stack has it.`,
            );
          }) as pulumi.Output<T>,
    };
  }

  #stackOf(unit: string): string {
    const { stacks, environment } = this.config;
    return stacks[unit] ?? `${pulumi.getOrganization()}/${pulumi.getProject()}/${environment}-${unit}`;
  }

  #reference(stack: string): pulumi.StackReference {
    const reference = this.#elsewhere.get(stack) ?? new pulumi.StackReference(stack);
    this.#elsewhere.set(stack, reference);
    return reference;
  }
}
