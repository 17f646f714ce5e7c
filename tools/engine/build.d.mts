export declare const ENGINE_VERSION: string;
export declare function cacheFolder(): string;
export declare function engineFolder(): string;
export declare function languageHostFolder(): string;
export declare function isCached(): boolean;
export declare function findGo(): string | undefined;
export declare function intoCache(
  produce: (folder: string) => Promise<void>,
  onProgress?: (message: string) => void,
): Promise<void>;
export declare function buildEngine(onProgress?: (message: string) => void): Promise<void>;
export declare function isInstallerReachable(timeoutMs?: number): Promise<boolean>;
