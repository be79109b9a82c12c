import type {
  HslButton,
  HslCarousel,
  HslElement,
  HslForm,
  HslNativeAction,
  HslSilent,
  HslSystem,
  HslText,
} from '../generated/types.js'

/** An element whose `type` is described in the contract. `switch (element.type)` narrows it. */
export type HslKnownElement = HslText | HslButton | HslCarousel | HslForm | HslSystem | HslSilent | HslNativeAction

/** The schema of each known type, by its name in the contract. */
export const SCHEMA_OF_TYPE = {
  TEXT: 'HslText',
  BUTTON: 'HslButton',
  CAROUSEL: 'HslCarousel',
  FORM: 'HslForm',
  SYSTEM: 'HslSystem',
  SILENT: 'HslSilent',
  NATIVE_ACTION: 'HslNativeAction',
} as const satisfies Record<HslKnownElement['type'], string>

/** Does the contract describe this type? An element of any other type is passed on whole. */
export function isKnownType(type: string): type is HslKnownElement['type'] {
  return Object.hasOwn(SCHEMA_OF_TYPE, type)
}

/** Is this one of the known elements, so that TypeScript can tell them apart by `type`? */
export function isKnownElement(element: HslElement): element is HslKnownElement {
  return isKnownType(element.type)
}
