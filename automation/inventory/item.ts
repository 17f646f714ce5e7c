// What an inventory finds: one thing in the cloud, named as AWS names it, and how it is removed.

/** Gives clients configured for the environment; each class once. */
export type ClientOf = <C>(type: new (settings: never) => C) => C;

export interface InventoryItem {
  /** AWS's resource type, e.g. `AWS::Batch::JobQueue`; the service alone, e.g. `rds`, where there is no source for it. */
  type: string;
  /** What it is known by: its name, or its id where it has none; kind and identifier where there is no source for it. */
  id: string;
  /** Its Name tag or other name, where `id` is not one. */
  name?: string;
  /** Where it is, when that is not the environment's own region. */
  region?: string;
  /** It can be named, and removed only by its service's own operations: `remove` always rejects. */
  byHand?: true;
  /** Removes it; rejects while others still need it. */
  remove(): Promise<unknown>;
}

/** One service's part of the inventory. */
export interface InventorySource {
  /** AWS's name of the service in IAM, e.g. `batch`. */
  service: string;
  /** Kinds of its things that `list` does not ask for, as the local cloud calls them: it names them by itself. */
  otherKinds?: readonly string[];
  /** It answers the same in every region. */
  isGlobal?: boolean;
  /** Everything that a user made there and that still exists; what AWS keeps in every account is left out. */
  list(client: ClientOf): Promise<InventoryItem[]>;
}

/** An item without its operation, for reports. */
export type InventoryEntry = Pick<InventoryItem, "type" | "id" | "name" | "region" | "byHand">;

export const entryOf = ({ type, id, name, region, byHand }: InventoryItem): InventoryEntry => ({
  type,
  id,
  ...(name && { name }),
  ...(region && { region }),
  ...(byHand && { byHand }),
});

/** `AWS::SQS::Queue planted`, with the name where the id is not one. */
export const describeItem = ({ type, id, name, region }: InventoryEntry): string =>
  `${type} ${id}${name && name !== id ? ` (${name})` : ""}${region ? ` in ${region}` : ""}`;
