/** A signing secret in the form of Standard Webhooks, for hooks that are registered together. */
export const newSigningSecret = (): string =>
  `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`
