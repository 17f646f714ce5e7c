// Table on DynamoDB. BatchWriteItem takes no conditions and a transaction fails as a whole, so guarded writes go one by one, many at once.
import { BatchWriteCommand, DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { mapConcurrent } from "./concurrency.js";
import { StorageError, storageError } from "./errors.js";
import { conditionOf, type Guard, type Item, type Table, type WriteCount } from "./tables.js";

/** Writes on their way at once: below what a new on-demand table takes (4,000 a second), enough to hide the round trip. */
const WRITES_AT_ONCE = 16;
/** BatchWriteItem's own limit. */
const BATCH_SIZE = 25;
const BATCH_ATTEMPTS = 10;

type WriteRequest = { PutRequest: { Item: Item } } | { DeleteRequest: { Key: Item } };

export interface DynamoTableOptions {
  /** Name of the partition key. */
  partitionKey: string;
  /** When it aborts, no further write is begun. */
  signal?: AbortSignal;
  /** Waits between attempts; replaced in tests. */
  wait?: (milliseconds: number) => Promise<void>;
}

/** Throttling is answered by the client's own retries (exponential backoff with jitter); give it enough `maxAttempts`. */
export class DynamoTable implements Table {
  readonly #wait: (milliseconds: number) => Promise<void>;

  constructor(
    private readonly client: Pick<DynamoDBDocumentClient, "send">,
    readonly name: string,
    private readonly options: DynamoTableOptions,
  ) {
    this.#wait = options.wait ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  }

  async put(items: readonly Item[], guard?: Guard): Promise<WriteCount> {
    if (!guard) return this.#batches(items.map((item) => ({ PutRequest: { Item: item } })));
    const condition = conditionOf(guard, this.options.partitionKey);
    return this.#guarded(items, (item) =>
      this.client.send(new PutCommand({ TableName: this.name, Item: item, ...condition })),
    );
  }

  async remove(keys: readonly Item[], guard?: Guard): Promise<WriteCount> {
    if (!guard) return this.#batches(keys.map((key) => ({ DeleteRequest: { Key: key } })));
    const condition = conditionOf(guard, this.options.partitionKey);
    return this.#guarded(keys, (key) =>
      this.client.send(new DeleteCommand({ TableName: this.name, Key: key, ...condition })),
    );
  }

  async #guarded(items: readonly Item[], write: (item: Item) => Promise<unknown>): Promise<WriteCount> {
    const outcomes = await mapConcurrent(items, WRITES_AT_ONCE, async (item) => {
      this.options.signal?.throwIfAborted();
      try {
        await write(item);
        return true;
      } catch (cause) {
        if (cause instanceof Error && cause.name === "ConditionalCheckFailedException") return false;
        throw storageError(`Writing to table ${this.name}`, cause);
      }
    });
    const written = outcomes.filter(Boolean).length;
    return { written, refused: outcomes.length - written };
  }

  async #batches(requests: WriteRequest[]): Promise<WriteCount> {
    const batches = Array.from({ length: Math.ceil(requests.length / BATCH_SIZE) }, (_, index) =>
      requests.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
    );
    await mapConcurrent(batches, WRITES_AT_ONCE, (batch) => this.#batch(batch));
    return { written: requests.length, refused: 0 };
  }

  /** DynamoDB may take a part of a batch and hand back the rest; it asks for exponential backoff before that is sent again. */
  async #batch(batch: WriteRequest[]): Promise<void> {
    let left = batch;
    for (let attempt = 1; left.length > 0; attempt += 1) {
      this.options.signal?.throwIfAborted();
      if (attempt > BATCH_ATTEMPTS)
        throw new StorageError(
          `Writing to table ${this.name} failed: ${left.length} items were still unprocessed after ${BATCH_ATTEMPTS} attempts`,
          "UnprocessedItems",
        );
      if (attempt > 1) await this.#wait(Math.random() * Math.min(5000, 50 * 2 ** (attempt - 1)));
      try {
        const answer = await this.client.send(new BatchWriteCommand({ RequestItems: { [this.name]: left } }));
        left = (answer.UnprocessedItems?.[this.name] ?? []) as WriteRequest[];
      } catch (cause) {
        throw storageError(`Writing to table ${this.name}`, cause);
      }
    }
  }
}
