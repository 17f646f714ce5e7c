// Tables as jobs see them: items written and removed one by one under a guard, so that jobs running at once cannot undo each other.

export type Item = Record<string, string | number | null>;

/**
 * What must hold of the item that is there (its key given) for a write to happen: data, so that DynamoDB and a table in a file
 * decide alike. `missing`: the attribute is not there; so it is when the whole item is not.
 */
export type Guard =
  | { test: "absentOrAtMost"; attribute: string; value: number }
  | { test: "equals"; attribute: string; value: number }
  | { test: "missing"; attribute: string };

export interface WriteCount {
  written: number;
  /** Left alone because the guard did not hold. */
  refused: number;
}

/** One table. Every method rejects with a StorageError that names the table and AWS's error. */
export interface Table {
  readonly name: string;
  /** Puts each item whose guard holds; without a guard, all of them. Each put is atomic, the whole is not. */
  put(items: readonly Item[], guard?: Guard): Promise<WriteCount>;
  /** Removes the items of these keys where the guard holds; one that is not there is no error. */
  remove(keys: readonly Item[], guard?: Guard): Promise<WriteCount>;
}

/** Whether a guard holds of an item, or of its absence. */
export function holds(guard: Guard | undefined, item: Item | undefined): boolean {
  if (!guard) return true;
  const value = item?.[guard.attribute];
  switch (guard.test) {
    case "absentOrAtMost":
      return item === undefined || (typeof value === "number" && value <= guard.value);
    case "equals":
      return value === guard.value;
    case "missing":
      return value === undefined;
  }
}

/** A guard in DynamoDB's words (`ConditionExpression`). @param keyAttribute an attribute that every item has */
export function conditionOf(guard: Guard, keyAttribute: string) {
  const names = { "#guarded": guard.attribute };
  switch (guard.test) {
    case "absentOrAtMost":
      return {
        ConditionExpression: "attribute_not_exists(#key) OR #guarded <= :value",
        ExpressionAttributeNames: { ...names, "#key": keyAttribute },
        ExpressionAttributeValues: { ":value": guard.value },
      };
    case "equals":
      return {
        ConditionExpression: "#guarded = :value",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ":value": guard.value },
      };
    case "missing":
      return { ConditionExpression: "attribute_not_exists(#guarded)", ExpressionAttributeNames: names };
  }
}
