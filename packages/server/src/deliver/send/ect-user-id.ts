/** As many characters as the contract gives an id. */
const LONGEST_ID = 128
/** Answers in which digits are looked for that JavaScript has lost. */
const LONGEST_SEARCHED = 8 * 1024
/** U+0000, which PostgreSQL cannot keep, and what else no id may have. */
const CONTROL = /\p{Cc}/u

/** The hook whose answer says what its listener calls the user. */
export const isCreateUser = ({ category, subcategory }: { category: string; subcategory: string }): boolean =>
  category === 'user_events' && subcategory === 'create_user'

/** What of the JSON text of an object stands for itself: a string, a mark, or a number or word. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g

/**
 * The `ect_user_id` of an answer to create_user, as it is kept: a text as it is, and a whole number as its decimal string, however long
 * (a number in JavaScript loses digits beyond 2^53).
 * @param answer the JSON object; `text` is what it was read from
 * @returns undefined if there is none; null if it cannot be kept
 */
export function readEctUserId(answer: Record<string, unknown>, text: string): string | null | undefined {
  const value = answer.ect_user_id
  if (value === undefined || value === null) return undefined
  const id = typeof value === 'number' ? ofNumber(value, text) : value
  return typeof id === 'string' && isId(id) ? id : null
}

function isId(id: string): boolean {
  return id !== '' && id.isWellFormed() && [...id].length <= LONGEST_ID && !CONTROL.test(id)
}

function ofNumber(value: number, text: string): string | null {
  if (Number.isSafeInteger(value)) return String(value)
  return text.length > LONGEST_SEARCHED ? null : wholeNumber(sourceOf(text, 'ect_user_id'))
}

/** How the value of a field is written that a JSON object has: the last one, as JSON.parse takes it. */
function sourceOf(text: string, field: string): string {
  let source = ''
  let depth = 0
  let name = ''
  let isNext = false
  for (const [token] of text.matchAll(TOKEN)) {
    if (isNext) source = token
    isNext = depth === 1 && token === ':' && name === field
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && token.startsWith('"')) name = JSON.parse(token) as string
  }
  return source
}

/** @returns null if it is none, or has too many digits */
function wholeNumber(source: string): string | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return whole === '' ? null : '0'
  const zeros = digits.length - significant.length - fraction.length + Number(exponent)
  if (zeros < 0 || significant.length + zeros > LONGEST_ID) return null
  return `${sign}${significant}${'0'.repeat(zeros)}`
}
