/** A field by its name, of anything. */
export const field = (item: object, name: string): unknown => Reflect.get(item, name)
