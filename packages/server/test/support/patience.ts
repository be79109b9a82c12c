/**
 * How long a test waits for something to come about, in milliseconds: far longer than a busy machine needs. It is there so that a wait in vain
 * ends with what was waited for, and decides nothing.
 */
export const PATIENCE_MS = 60_000
