/** Builders for generated schemas where TypeBox has none for JSON Schema 2020-12. */
import { type Static, type TSchema, type TUnsafe, Type } from '@sinclair/typebox'

/** A reference to a schema by name (Core §8.2.3.1). Its type is given, since it may recur. */
export const Ref = <T>(name: string, options: object = {}): TUnsafe<T> =>
  Type.Unsafe<T>({ $ref: `${name}#`, ...options })

/** Exactly one of the schemas (Core §10.2.1.3). TypeBox's own union is `anyOf`. */
export const OneOf = <T extends TSchema[]>(oneOf: [...T], options: object = {}): TUnsafe<Static<T[number]>> =>
  Type.Unsafe({ oneOf, ...options })

/** One of the values (Validation §6.1.2). */
export const Enum = <const T extends readonly unknown[]>(values: T, options: object = {}): TUnsafe<T[number]> =>
  Type.Unsafe({ enum: values, ...options })

/** Any names, values of one schema (Core §10.3.2.3). TypeBox's record is `patternProperties`. */
export const Dictionary = <T extends TSchema>(values: T, options: object = {}): TUnsafe<{ [key: string]: Static<T> }> =>
  Type.Unsafe({ type: 'object', additionalProperties: values, ...options })
