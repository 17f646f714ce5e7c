/** An account's part of the cloud in one region; everything that a service keeps is below one of these. */
export interface Scope {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}
