/** The meaning of an account under a person's user code that was not adopted: one, or the first of several. */
export function notAdoptedText(
  system: string,
  { count, did = '<did>' }: { readonly count: number; readonly did?: string },
): { sentence: string; fix: string } {
  const sentence =
    count === 1
      ? `The account ${did} has a person's user code as its handle and their verified address, but nothing shows that it was created ` +
        'for them: Holdfast did not adopt it and created an account with another handle.'
      : `${count} accounts (the first: ${did}) have the user codes of people as handles and their verified addresses, but nothing ` +
        'shows that they were created for them: Holdfast did not adopt them and created accounts with other handles.'
  return {
    sentence,
    fix:
      `To see whose code it has: holdfast why ${system} ${did}. Find out who created it. If it was the previous system, set ` +
      'HOLDFAST_ADOPT_BEFORE to the day on which Holdfast took over, before more of its people sign up, and decide which account this ' +
      `person keeps. If it was a stranger, have it taken down at the PDS. To keep the account and end this alert: holdfast ignore ${system} <id> ` +
      '--until <day> --reason <why>',
  }
}
