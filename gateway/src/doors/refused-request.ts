import { Failure } from '@assay/failure';

/** A request that HTTP has a status of its own for, and headers that go with it. */
export class RefusedRequest extends Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>>) {
    super('BAD_USER_INPUT', message);
    this.status = status;
    this.headers = headers;
  }
}
