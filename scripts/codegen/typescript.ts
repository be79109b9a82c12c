/** TypeScript source text: literals, calls, lists and comments, in the formatter's layout. */

const WIDTH = 120
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/
const INDEX = /^(?:0|[1-9]\d*)$/

export function indent(text: string, by = '  '): string {
  return text.replaceAll(/\n(?!\n)/g, `\n${by}`)
}

export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name)
}

export function propertyName(name: string): string {
  return isIdentifier(name) || INDEX.test(name) ? name : stringLiteral(name)
}

/** `listThreads`, `idempotency-key` and `is_primary` as names of types. */
export function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase())
}

/** Single quotes, unless the text has more of them than of double ones. */
export function stringLiteral(text: string): string {
  const double = JSON.stringify(text)
  if (text.includes("'") && !text.includes('"')) return double
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** An object literal of entries whose values are source text already. */
export function objectLiteral(entries: readonly (readonly [name: string, value: string])[]): string {
  if (entries.length === 0) return '{}'
  const members = entries.map(([name, value]) => `${propertyName(name)}: ${value}`)
  return fits(`{ ${members.join(', ')} }`) ?? `{\n  ${members.map((member) => indent(member)).join(',\n  ')},\n}`
}

export function arrayLiteral(items: readonly string[]): string {
  return fits(`[${items.join(', ')}]`) ?? `[\n  ${items.map((item) => indent(item)).join(',\n  ')},\n]`
}

export function call(callee: string, args: readonly string[]): string {
  const [only] = args
  if (args.length === 1 && only && /^[[{]/.test(only)) return `${callee}(${only})`
  return fits(`${callee}(${args.join(', ')})`) ?? `${callee}(\n  ${args.map((arg) => indent(arg)).join(',\n  ')},\n)`
}

/** The literal of a JSON value. */
export function valueLiteral(value: unknown): string {
  if (typeof value === 'string') return stringLiteral(value)
  if (Array.isArray(value)) return arrayLiteral(value.map(valueLiteral))
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined)
    return objectLiteral(entries.map(([name, member]) => [name, valueLiteral(member)]))
  }
  return JSON.stringify(value)
}

/** A row of a table: an object on one line, or on as few as it fits on. Values are source text. */
export function row(entries: readonly (readonly [name: string, value: string])[]): string {
  return block(entries.map(([name, value]) => `${propertyName(name)}: ${value}`))
}

/** The literal of a JSON value on one line. */
export function line(value: unknown): string {
  if (typeof value === 'string') return stringLiteral(value)
  if (Array.isArray(value)) return `[${value.map(line).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${propertyName(name)}: ${line(member)}`],
  )
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}'
}

/** What is listed in braces: on one line, or filling lines. */
function block(items: readonly string[]): string {
  const whole = `{ ${items.join(', ')} }`
  return whole.length <= WIDTH - 2 ? whole : `{\n${filled(items, ',')},\n}`
}

/** Items one after the other, on as few indented lines as they fit on. */
export function filled(items: readonly string[], separator: string): string {
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + item.length + 4 <= WIDTH)
      lines[lines.length - 1] = `${last}${separator} ${item}`
    else lines.push(`  ${item}`)
  }
  return lines.join(`${separator}\n`)
}

/** An import of what is used, or nothing. */
export function importOf(names: readonly string[], module: string, keyword = 'import'): string {
  if (names.length === 0) return ''
  const text = `${keyword} { ${names.join(', ')} } from ${stringLiteral(module)}\n`
  return text.length <= WIDTH ? text : `${keyword} ${block(names)} from ${stringLiteral(module)}\n`
}

/** A name with the union that is its type: `code: 'a' | 'b'`, or `type Code = 'a' | 'b'`. */
export function typed(name: string, members: readonly string[]): string {
  const whole = `${name} ${members.join(' | ') || 'never'}`
  return whole.length <= WIDTH - 2 ? whole : `${name}\n${filled(members, ' |')}`
}

/** A documentation comment with a trailing newline, or nothing. */
export function comment(lines: readonly (string | undefined)[]): string {
  const text = lines
    .filter((line) => line !== undefined)
    .join('\n')
    .trim()
    .replaceAll('*/', '*\\/')
  if (!text) return ''
  if (!text.includes('\n') && text.length <= WIDTH - 12) return `/** ${text} */\n`
  const body = text.split('\n').map((line) => ` * ${line}`.trimEnd())
  return `/**\n${body.join('\n')}\n */\n`
}

/** The text when it can stand on one line, with room for what is before it. */
function fits(text: string): string | undefined {
  return text.includes('\n') || text.length > WIDTH - 30 ? undefined : text
}
