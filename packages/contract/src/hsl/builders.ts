import type {
  HslActionable,
  HslActionablePayload,
  HslButton,
  HslCarousel,
  HslCarouselItem,
  HslFlag,
  HslForm,
  HslFormField,
  HslNativeAction,
  HslQuickReply,
  HslSilent,
  HslSilentAction,
  HslSystem,
  HslText,
} from '../generated/types.js'

/** A text, with quick replies under it; a string among them is the label and the message of one. */
export function text(content: string, quickReplies: readonly (string | HslQuickReply)[] = []): HslText {
  return {
    text: content,
    type: 'TEXT',
    data: {
      quick_replies: quickReplies.map((reply) => (typeof reply === 'string' ? quickReply(reply) : reply)),
    },
  }
}

export interface QuickReplyOptions {
  /** What a tap sends in the chat end user's name; the label if absent. */
  message?: string
  /** The hidden form of the message, for the assistant. */
  gogo_message?: string
  link?: string
  is_default?: HslFlag
}

/** An answer that the user gives with a tap. Facebook shows 25 characters of the label. */
export function quickReply(label: string, options: QuickReplyOptions = {}): HslQuickReply {
  const { is_default = 0, message = label, ...payload } = options
  return { actionable_text: label, is_default, type: 'TEXT_ONLY', payload: { message, ...payload } }
}

/** A text with buttons under it; web chats show 3. */
export function buttons(content: string, items: readonly HslActionable[]): HslButton {
  return { text: content, type: 'BUTTON', data: { items: [...items] } }
}

export interface ActionableOptions {
  uri?: HslActionable['uri']
  type?: NonNullable<HslActionable['type']>
  payload?: HslActionablePayload
  is_default?: HslFlag
  location_required?: HslFlag
  emoji?: string
}

/** Something to tap, of any kind; Facebook shows 20 characters of the label. */
export function actionable(label: string, options: ActionableOptions = {}): HslActionable {
  return { actionable_text: label, is_default: 0, uri: '', payload: {}, ...options }
}

/** A button that sends a message as the user: the label, unless another text is given. */
export function replyButton(label: string, message: string = label, gogo_message?: string): HslActionable {
  const payload = gogo_message === undefined ? { message } : { message, gogo_message }
  return actionable(label, { type: 'TEXT_ONLY', payload })
}

/** A button that opens a URL. */
export function link(label: string, url: string): HslActionable {
  return actionable(label, { uri: 'LINK', type: 'APP_ACTION', payload: { url } })
}

export interface CarouselOptions {
  /** The text of the notification, and what is shown where cards cannot be. */
  text?: string
  width?: HslCarousel['data']['width']
  /** Width divided by height. */
  image_aspect_ratio?: HslCarousel['data']['image_aspect_ratio']
}

/** Cards side by side; web chats show 2 to 10. */
export function carousel(items: readonly HslCarouselItem[], options: CarouselOptions = {}): HslCarousel {
  const { text: content, width = 'MEDIUM', image_aspect_ratio = 1.77 } = options
  return {
    ...(content === undefined ? {} : { text: content }),
    type: 'CAROUSEL',
    data: { image_aspect_ratio, width, items: [...items] },
  }
}

export interface CarouselItemOptions {
  title?: string
  sub_title?: string
  description?: string
  /** Any JSON value to keep with the card; not shown. */
  meta?: unknown
  actionables?: HslActionable[]
  mini_actionable?: HslActionable
}

/** One card of a carousel. The image is a URL; give an empty one for a card without a picture. */
export function carouselItem(imageUrl: string, options: CarouselItemOptions = {}): HslCarouselItem {
  return { thumbnail: { image: imageUrl }, actionables: [], ...options }
}

/** An image: a carousel of one card with nothing to tap. */
export function image(url: string, options: CarouselOptions = {}): HslCarousel {
  return carousel([carouselItem(url)], { width: 'FAT', ...options })
}

/** A video: a carousel of one card whose thumbnail is the video's URL. */
export function video(url: string, options: CarouselOptions = {}): HslCarousel {
  return image(url, options)
}

/** A file: a text with one button that opens the file's URL. */
export function file(url: string, content: string, label = 'Download'): HslButton {
  return buttons(content, [link(label, url)])
}

export interface FormFieldOptions {
  /** The kind of field, such as `picker` or `date`; `text` if absent. */
  type?: string
  /** The field's place in the form; its place in the list, from 1, if absent. */
  order?: number
  keyboard_type?: string
  icon?: string
  hint?: string
  options?: string[]
  search_source?: string
  search_placeholder?: string
  autofill?: string | boolean | number
  autofill_source?: string
}

/** A form to fill in. The value of a field comes back under its `key`. */
export function form(
  title: string,
  fields: readonly (FormFieldOptions & { key: string })[],
  subtitle?: string,
): HslForm {
  const numbered = fields.map((field, index): HslFormField => ({ type: 'text', order: index + 1, ...field }))
  return { title, type: 'FORM', ...(subtitle === undefined ? {} : { subtitle }), data: { fields: numbered } }
}

/** A note of the platform in the conversation, such as an agent joining it. */
export function system(content: string, data: HslSystem['data'] = {}): HslSystem {
  return { text: content, type: 'SYSTEM', data }
}

/** Work for the chat client that the chat end user does not see. */
export function silent(actions: readonly HslSilentAction[], content = ''): HslSilent {
  return { text: content, type: 'SILENT', data: { silent_actions: [...actions] } }
}

/** A call of a method of the app into which the chat is built. */
export function nativeAction(method: string, content = ''): HslNativeAction {
  return { text: content, type: 'NATIVE_ACTION', data: { method } }
}
