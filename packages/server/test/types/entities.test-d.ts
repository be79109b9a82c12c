/** What is stored says the same as what goes over the wire: `x-entity` derives one from the other. Compiled with the package, never run. */
import type { Schemas } from '@tract/contract'
import type * as rows from '../../src/generated/prisma/client.js'

interface Rows {
  Attempt: rows.Attempt
  Client: rows.Client
  Delivery: rows.Delivery
  Hook: rows.Hook
  Listener: rows.Listener
  Message: rows.Message
  Organisation: rows.Organisation
  User: rows.User
}

/** Fields that `x-entity` leaves out or stores as another type. */
interface Exceptions {
  Delivery: 'state' | 'attempts' | 'ended_at'
  Message: 'conversation_number'
  User: 'details_available'
}

type Excepted<Name> = Name extends keyof Exceptions ? Exceptions[Name] : never

type IsOptional<Dto, Field extends keyof Dto> =
  object extends Pick<Dto, Field> ? true : null extends Dto[Field] ? true : false

/** A list is never null, and a JSON column's type holds null in any case. */
type SameAbsence<Dto, Field extends keyof Dto, Column> = [Column] extends [unknown[]]
  ? true
  : [object] extends [Column]
    ? true
    : [IsOptional<Dto, Field>] extends [null extends Column ? true : false]
      ? true
      : false

/** Times are strings on the wire; names of an enum are the same names on both sides. */
type SameValue<Value, Column> = [Column] extends [Date]
  ? [Value] extends [string]
    ? true
    : false
  : [object] extends [Column]
    ? [Value] extends [object]
      ? true
      : false
    : [Value] extends [Column]
      ? [Column] extends [string]
        ? string extends Value
          ? true
          : [Column] extends [Value]
            ? true
            : false
        : true
      : false

type Misfits<Dto, Row, Except> = {
  [Field in keyof Dto]-?: Field extends Except
    ? never
    : Field extends keyof Row
      ? [SameAbsence<Dto, Field, Row[Field]>, SameValue<NonNullable<Dto[Field]>, NonNullable<Row[Field]>>] extends [
          true,
          true,
        ]
        ? never
        : Field
      : Field
}[keyof Dto]

type AllMisfits = { [Name in keyof Rows]: Misfits<Schemas[Name], Rows[Name], Excepted<Name>> }[keyof Rows]
export const misfits: [AllMisfits] extends [never] ? 'none' : AllMisfits = 'none'

// @ts-expect-error without its exception the stored number is no string
export const number: Misfits<Schemas['Message'], rows.Message, never> extends never ? 'none' : 'some' = 'none'

// @ts-expect-error a column that may be null belongs to a field that may be absent
export const absence: Misfits<{ user_name: string }, rows.User, never> extends never ? 'none' : 'some' = 'none'

// @ts-expect-error an enum that lost a name is another enum
export const names: Misfits<{ status: 'active' }, rows.Hook, never> extends never ? 'none' : 'some' = 'none'
