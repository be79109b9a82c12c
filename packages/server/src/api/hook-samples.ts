import { publishedDocument } from './documents/published.js'

interface PublishedDocument {
  webhooks: Record<
    string,
    { post: { requestBody: { content: { 'application/json': { example: Record<string, unknown> } } } } }
  >
}

/** The user of every sample, so that a receiver can tell it from a real one. */
const SAMPLE_USER = 'tract-test'

/** By the name of the hook, once one was asked for: the document that they are from is not kept. */
let samples: ReadonlyMap<string, string> | undefined

/** What a test of a hook carries: the example of its documentation. */
export function sampleOf(category: string, subcategory: string): string {
  samples ??= readSamples()
  const sample = samples.get(`${category}.${subcategory}`)
  if (!sample) throw new Error(`The document has no example for ${category}.${subcategory}.`)
  return sample
}

function readSamples(): ReadonlyMap<string, string> {
  const document: PublishedDocument = JSON.parse(publishedDocument('platform'))
  return new Map(
    Object.entries(document.webhooks).map(([hook, { post }]) => {
      const { example } = post.requestBody.content['application/json']
      return [hook, JSON.stringify('user_id' in example ? { ...example, user_id: SAMPLE_USER } : example)]
    }),
  )
}
