/**
 * Nothing stands beside a `$ref`, where it would be ignored. In 3.1 a schema's `$ref` may have siblings, and any other
 * reference a summary and a description: redocly's rule of the same purpose refuses these too.
 */
export const ReferenceSiblings = () => ({
  ref(/** @type {Record<string, any>} */ ref, /** @type {import('../document.js').Context} */ ctx) {
    if (['Schema', 'PathItem'].includes(ctx.type.name)) return
    for (const key of Object.keys(ref))
      if (!['$ref', 'summary', 'description'].includes(key))
        ctx.report({ message: `\`${key}\` beside \`$ref\` has no effect.`, location: ctx.location.child([key]).key() })
  },
})
