/** The last day on which something runs whose span ends before the day given: people name that one. */
export function lastDay(to: string): string {
  return new Date(Date.parse(to) - 86_400_000).toISOString().slice(0, 10)
}

/** The day after: where a span ends whose last day is given. */
export function dayAfter(last: string): string {
  return new Date(Date.parse(last) + 86_400_000).toISOString().slice(0, 10)
}
