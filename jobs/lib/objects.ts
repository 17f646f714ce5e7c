// Object storage as jobs see it: whole objects, by key, to and from files. A reader sees an old object or the new one, never a part.

/** One bucket. Every method rejects with a StorageError that names the object and AWS's error. */
export interface ObjectStore {
  /** How the store is named in messages and results, e.g. `s3://bucket`. */
  readonly url: string;
  /** Copies an object to a new file. An object that changes meanwhile is an error, not a mixture. */
  download(key: string, path: string): Promise<void>;
  /** Replaces an object by a file's content, all at once; a failed upload leaves the old object and no parts. */
  upload(key: string, path: string, contentType?: string): Promise<void>;
  /** Keys that begin with `prefix`, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Removes objects; one that is not there is no error. */
  remove(keys: readonly string[]): Promise<void>;
}

/** Gives the store of a bucket. */
export type OpenBucket = (bucket: string) => ObjectStore;
