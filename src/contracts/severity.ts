/** How urgent an alert is; the least urgent first. */
export const SEVERITIES = ['warning', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Whether `one` is more urgent than `other`. */
export function isMoreSevere(one: Severity, other: Severity): boolean {
  return SEVERITIES.indexOf(one) > SEVERITIES.indexOf(other)
}

/** The next higher severity; the highest stays. */
export function raised(severity: Severity): Severity {
  return SEVERITIES[SEVERITIES.indexOf(severity) + 1] ?? severity
}
