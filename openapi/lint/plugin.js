/** The rules that redocly cannot be configured to have, as a plugin of it; redocly.yaml beside this folder turns them on. */
import { BoundedInput } from './rules/bounded-input.js'
import { Descriptions } from './rules/descriptions.js'
import { ErrorAnswers } from './rules/error-answers.js'
import { ErrorCodes } from './rules/error-codes.js'
import { EventCatalogue } from './rules/event-catalogue.js'
import { NoUnusedDefinitions } from './rules/no-unused-definitions.js'
import { ReferenceSiblings } from './rules/reference-siblings.js'
import { SourceFields } from './rules/source-fields.js'
import { StrictBodies } from './rules/strict-bodies.js'
import { XEntity } from './rules/x-entity.js'

export default function tract() {
  return {
    id: 'tract',
    rules: {
      oas3: {
        'bounded-input': BoundedInput,
        descriptions: Descriptions,
        'error-answers': ErrorAnswers,
        'error-codes': ErrorCodes,
        'event-catalogue': EventCatalogue,
        'no-unused-definitions': NoUnusedDefinitions,
        'reference-siblings': ReferenceSiblings,
        'source-fields': SourceFields,
        'strict-bodies': StrictBodies,
        'x-entity': XEntity,
      },
    },
  }
}
