/** RFC 3339 has leap seconds, which JavaScript has not: one counts as the second before. */
export const moment = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time.replace(':60', ':59'))
