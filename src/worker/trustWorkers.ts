// The page's policy asks for Trusted Types, and the engine's worker, which starts workers of its own, has none of the page's policies.

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): unknown;
}

/** Admits worker scripts of this origin, as the page's own policy does. Call before the first worker is started. */
export function trustOwnWorkers(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createScriptURL: (url) => {
      if (new URL(url, self.location.href).origin !== self.location.origin)
        throw new TypeError(`a script of another origin: ${url}`);
      return url;
    },
  });
}
