/** What a browser posts to the store, as `multipart/form-data` with the field `file` last. */
export interface SignedForm {
  readonly url: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

export interface FormRequest {
  /** The one key that the form can write. */
  readonly key: string;
  /** The one content type that it takes. */
  readonly contentType: string;
  readonly maxSizeBytes: number;
  readonly lifetimeS: number;
}

/** The bucket that uploads go to, as the gateway may use it: it signs forms and lists versions, and reads nothing. */
export interface IncomingBucket {
  signForm(request: FormRequest): Promise<SignedForm>;
  /** The newest version stored under a key; null when nothing is. @throws Failure UPSTREAM_UNAVAILABLE */
  newestVersion(key: string): Promise<string | null>;
  isAlive(): Promise<boolean>;
}
