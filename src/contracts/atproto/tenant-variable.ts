import type { TextDetail } from '../words.ts'

/** The environment variable of the tenant that a text is about. */
export const tenantVariable = (detail: TextDetail, part: string): string =>
  `AUTH0_${(detail['tenant'] ?? '<tenant>').toUpperCase()}_${part}`
