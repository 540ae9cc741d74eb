/** The workflows of a version that has none of Holdfast's: each task of a Holdfast workflow fails at its workers. */
export async function unrelated(): Promise<void> {
  await Promise.resolve()
}
