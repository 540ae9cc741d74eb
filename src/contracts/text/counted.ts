/** A number with its noun: `1 person`, `2 people`. `many` is left out where it only adds an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

export function countedPeople(count: number): string {
  return counted(count, 'person', 'people')
}
