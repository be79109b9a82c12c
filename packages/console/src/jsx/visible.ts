/** Control characters, and those that turn the direction of writing: what strangers wrote must not hide, or look like something else. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const STEERING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Text as it is shown: such characters as codes, as the command line has them; lines and tabs are a text's own. */
export const visible = (text: string): string =>
  text.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
