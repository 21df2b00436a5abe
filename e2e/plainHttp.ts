// An address that is not the machine's own name: a browser takes plain http there for insecure.
const HOST = 'plain.test';

/** Lets the browser find it. */
export const PLAIN_SWITCH = `--host-resolver-rules=MAP ${HOST} 127.0.0.1`;

export const overPlainHttp = (baseURL: string): string => baseURL.replace('localhost', HOST);
