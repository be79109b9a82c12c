/** `console` is one. */
export interface Logger {
  debug(message: string): void
  warn(message: string): void
  error(message: string): void
}
