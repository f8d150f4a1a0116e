const moods: Record<string, 'good' | 'bad'> = { pass: 'good', info: 'good', block: 'bad' }

/** How a verdict is shown: whether the name is good, bad, or open until somebody looks. */
export const moodOf = (verdict: string): 'good' | 'bad' | 'open' => moods[verdict] ?? 'open'
