/** Instances with one thing broken: mostly invalid, and a validator decides. */
import fc from 'fast-check'
import type { Schema } from '../schema/keywords.js'
import { instanceOf } from './schema-arbitrary.js'
import type { ComponentSchemas } from './schema-flattening.js'

type Path = readonly (string | number)[]

const JUNK = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 31, '', ' ', 'x', '0', 'true', [], {}),
  fc.constantFrom(129, 257, 4097, 70_000).map((length) => 'x'.repeat(length)),
  fc.constantFrom(11, 101, 1001).map((length) => Array.from({ length }, (_, index) => String(index))),
  fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
)

export function brokenInstanceOf(schema: Schema, components: ComponentSchemas): fc.Arbitrary<unknown> {
  const how = fc.constantFrom('replace', 'remove', 'add', 'repeat')
  return fc.tuple(instanceOf(schema, components), fc.nat(), how, JUNK).map(([value, choice, change, junk]) => {
    const paths = pathsOf(value)
    return altered(value, paths[choice % paths.length] as Path, change, junk)
  })
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path]
  const members = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
  return [path, ...members.flatMap(([name, member]) => pathsOf(member, [...path, name]))]
}

function altered(value: unknown, path: Path, change: string, junk: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return alteredHere(value, change, junk)
  if (Array.isArray(value)) {
    const items: unknown[] = [...value]
    if (rest.length === 0 && change === 'remove') items.splice(step as number, 1)
    else items[step as number] = altered(items[step as number], rest, change, junk)
    return items
  }
  const { [step]: member, ...others } = value as Record<string, unknown>
  return rest.length === 0 && change === 'remove' ? others : { ...others, [step]: altered(member, rest, change, junk) }
}

function alteredHere(value: unknown, change: string, junk: unknown): unknown {
  if (change === 'add' && value !== null && typeof value === 'object')
    return Array.isArray(value) ? [...value, junk] : { ...value, zz: junk }
  if (change === 'repeat' && Array.isArray(value)) return [...value, ...value]
  if (change === 'repeat' && typeof value === 'string') return value.repeat(200)
  if (change === 'repeat' && typeof value === 'number') return -value
  return junk
}
