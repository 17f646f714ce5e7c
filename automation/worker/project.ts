// The name of the Pulumi project: stacks of environments and those of the plain CLI share it.
export const PROJECT = "crucible";
