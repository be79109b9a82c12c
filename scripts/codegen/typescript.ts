/** TypeScript source text: literals, calls and comments in the layout that the formatter would give them. */

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

/** An import of what is used, or nothing. */
export function importOf(names: readonly string[], module: string, keyword = 'import'): string {
  if (names.length === 0) return ''
  const line = `${keyword} { ${names.join(', ')} } from ${stringLiteral(module)}\n`
  return line.length <= WIDTH ? line : `${keyword} {\n  ${names.join(',\n  ')},\n} from ${stringLiteral(module)}\n`
}

export function unionType(members: readonly string[]): string {
  const distinct = [...new Set(members)]
  if (distinct.includes('unknown')) return 'unknown'
  const possible = distinct.filter((member) => member !== 'never')
  if (possible.length < 2) return possible[0] ?? 'never'
  return fits(possible.join(' | ')) ?? `\n  | ${possible.map((member) => indent(member, '    ')).join('\n  | ')}`
}

export function intersectionType(members: readonly string[]): string {
  const distinct = [...new Set(members)].filter((member) => member !== 'unknown')
  if (distinct.includes('never')) return 'never'
  if (distinct.length === 0) return 'unknown'
  return distinct.length === 1 ? (distinct[0] as string) : distinct.map(group).join(' & ')
}

/** In parentheses where a postfix or an `&` would bind to the last member only. */
export function group(type: string): string {
  let depth = 0
  for (const [token] of type.matchAll(TYPE_TOKEN)) {
    if ('{([<'.includes(token)) depth++
    else if ('})]>'.includes(token)) depth--
    else if (depth === 0 && (token === '|' || token === '&')) return `(${type.trim()})`
  }
  return type
}

/** Comments and strings whole, so that what they hold does not count. */
const TYPE_TOKEN = /\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{([<})\]>|&]/g

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
