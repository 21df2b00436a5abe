// Where bytes outlive the process. The browser and Node each bring a store; what is written into it is decided here.

/** Blobs by name (small letters, digits, dots and hyphens). A blob whose writing was cut short may hold anything: see slots.ts. */
export interface BlobStore {
  /** null: there is none of this name. */
  read(name: string): Promise<Uint8Array | null>;
  /** Replaces the blob. When it resolves, the bytes would survive a crash. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing where there is none. */
  remove(name: string): Promise<void>;
  list(): Promise<string[]>;
}
