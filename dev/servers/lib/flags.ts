/**
 * `{ port: 1, name: ['a', 'b'], quiet: true }` as `--port 1 --name a --name b --quiet`; undefined values are left out.
 */
export function toFlags(
  values: Readonly<Record<string, string | number | true | readonly string[] | undefined>>,
) {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (value === true) return [`--${name}`]
    return [value].flat().flatMap((one) => [`--${name}`, String(one)])
  })
}
