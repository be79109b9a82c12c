import { type DevicePlatform, type HslElement, type Issue, schemas, type Warning } from '../generated/schemas.js'
import { text } from './builders.js'
import { channelWarnings } from './channel-limits.js'
import { createElementValidator } from './element-validator.js'
import { isKnownType } from './known-types.js'
import { findUnstorable, MAX_ISSUES, problemOfString } from './storable.js'

/** The most bytes of UTF-8 that a `message_body` may have, as it was sent. */
export const MAX_MESSAGE_BYTES = 65_536

/** Either the element, with what was accepted all the same, or what is wrong. */
export type ParsedMessageBody = { element: HslElement; warnings: Warning[] } | { error: Issue[] }

const PATH = '/message_body'
const validateElement = createElementValidator(schemas)

/**
 * Reads the `message_body` of *Send message*: a string that parses to a JSON object has to be a valid HSL element, anything
 * else is text and becomes a TEXT element. Without a platform, warnings name the limits of all channels.
 */
export function parseMessageBody(messageBody: string, devicePlatform?: DevicePlatform): ParsedMessageBody {
  const bytes = utf8Length(messageBody)
  if (bytes > MAX_MESSAGE_BYTES)
    return failed(PATH, `must have at most ${MAX_MESSAGE_BYTES} bytes of UTF-8, this one has ${bytes}`)
  const json = parseObject(messageBody)
  if (!json) {
    const problem = problemOfString(messageBody)
    return problem ? failed(PATH, problem) : { element: text(messageBody), warnings: [] }
  }
  const { issues, warnings } = findUnstorable(json, PATH)
  if (issues.length > 0) return { error: issues }
  const { type } = json
  if (typeof type !== 'string' || type === '')
    return failed(
      `${PATH}/type`,
      type === undefined
        ? 'is required: a JSON object has to be an HSL element; to send JSON as text, put it into a TEXT element'
        : 'must be a string that is not empty',
    )
  // From here on the value is what HslElement says: a known element was checked, and any other is HslUnknown.
  const element = json as HslElement
  if (isKnownType(type)) {
    const broken = validateElement(json, type, PATH)
    if (broken.length > 0) return { error: broken.slice(0, MAX_ISSUES) }
    warnings.push(...channelWarnings(element, devicePlatform, PATH))
  } else warnings.unshift({ path: `${PATH}/type`, message: 'unknown type passed on whole' })
  return { element, warnings: warnings.slice(0, MAX_ISSUES) }
}

function failed(path: string, message: string): ParsedMessageBody {
  return { error: [{ path, message }] }
}

function utf8Length(content: string): number {
  return new TextEncoder().encode(content).length
}

/** The JSON object that a string holds, if it holds one: only an object starts with a brace. */
function parseObject(content: string): Record<string, unknown> | undefined {
  // Most messages are text, and a failing JSON.parse costs more than all the rest.
  if (!/^\s*\{/.test(content)) return undefined
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
