import { readFileSync } from 'node:fs'
import { resource } from '../../resources.js'

export type Audience = 'vendor' | 'platform'

export const publishedFile = (audience: Audience): string => resource(`src/generated/openapi/${audience}.json`)

export const publishedDocument = (audience: Audience): string => readFileSync(publishedFile(audience), 'utf8')
