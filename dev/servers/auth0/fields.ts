/** The value of a named field of any object. */
export const field = (item: object, name: string): unknown => Reflect.get(item, name)
