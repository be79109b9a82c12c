/** What generated TypeBox schemas are built with where TypeBox itself has no builder, or one for another draft of JSON Schema. */
import { type GeneratedFile, header } from '../source.js'

export function constructors(): GeneratedFile[] {
  return [
    {
      path: 'packages/contract/src/generated/constructors.ts',
      contents: `${header('targets/constructors.ts')}${BODY}`,
    },
  ]
}

const BODY = `import { type Static, type TSchema, type TUnsafe, Type } from '@sinclair/typebox'

/** A reference to the component schema of that name (JSON Schema 2020-12 Core §8.2.3.1). Its type is stated, so that types may recur. */
export const Ref = <T>(name: string, options: object = {}): TUnsafe<T> => Type.Unsafe<T>({ $ref: \`\${name}#\`, ...options })

/** Exactly one of the schemas (Core §10.2.1.3). TypeBox's own union is \`anyOf\`. */
export const OneOf = <T extends TSchema[]>(oneOf: [...T], options: object = {}): TUnsafe<Static<T[number]>> =>
  Type.Unsafe({ oneOf, ...options })

/** All of the schemas (Core §10.2.1.1). TypeBox's own intersection adds a \`type\`. */
export const AllOf = <T extends TSchema[]>(allOf: [...T], options: object = {}): TUnsafe<AllStatic<T>> =>
  Type.Unsafe({ allOf, ...options })

/** One of the values (Validation §6.1.2). */
export const Enum = <const T extends readonly unknown[]>(values: T, options: object = {}): TUnsafe<T[number]> =>
  Type.Unsafe({ enum: values, ...options })

/** An object with names of any kind and values of one (Core §10.3.2.3). TypeBox's own record is \`patternProperties\`. */
export const Dictionary = <T extends TSchema>(values: T, options: object = {}): TUnsafe<{ [key: string]: Static<T> }> =>
  Type.Unsafe({ type: 'object', additionalProperties: values, ...options })

type AllStatic<T extends readonly TSchema[]> = T extends readonly [infer First extends TSchema, ...infer Rest extends TSchema[]]
  ? Static<First> & AllStatic<Rest>
  : unknown

/** The named properties of a type, without an index signature: what \`unevaluatedProperties: false\` leaves (Core §11.3). */
export type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] }
`
