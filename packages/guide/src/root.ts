import { fileURLToPath } from 'node:url'

/** The repository, and this package in it. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
export const PACKAGE = fileURLToPath(new URL('../', import.meta.url))
