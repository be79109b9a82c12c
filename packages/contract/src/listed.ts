/** What an enumeration that may grow lists today: `'a' | 'b'` of `'a' | 'b' | (string & {})`. */
export type Listed<T> = T extends string ? (string extends T ? never : T) : never
