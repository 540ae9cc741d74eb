/** The filter categories of the needed events: `ss` belongs to the first, `sv`, `sce` and `sdu` to the second. */
export const NEEDED_FILTERS = ['auth.signup.success', 'user.success'] as const

/** The setting of a stream's filters, as Auth0's API takes it; without names those of the needed events alone. */
export function filterSetting(names: readonly string[] = NEEDED_FILTERS): string {
  return JSON.stringify({ filters: names.map((name) => ({ type: 'category', name })) })
}
