/** A number as it was typed: the text itself where it is none, which the server refuses with a sentence. */
export const numberOf = (text: string): unknown => (text.trim() !== '' && isFinite(+text) ? +text : text)
