import { isDeepStrictEqual } from 'node:util'

/** What the records of `accounts/` share. */

/** What is not there. */
export type Absent<What extends 'organisation' | 'listener' | 'client' | 'hook'> = `no_${What}`

export interface PageOf {
  limit: number
  /** The key of the last one on the page before. */
  after: string | undefined
}

/** What was given, without what is absent: Prisma takes no undefined where exactness is asked for. */
export function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

/** A change of nothing is not written: every cache of the organisation would have to be read again for it. */
export const isAsGiven = (row: object, changes: object): boolean =>
  Object.entries(changes).every(([name, value]) => isDeepStrictEqual((row as Record<string, unknown>)[name], value))
