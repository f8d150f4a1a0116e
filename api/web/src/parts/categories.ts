/** The categories of places, in the order in which people look for them. */
export const categories = ['division', 'village-committee', 'natural', 'natural-village', 'park', 'street', 'residential-building', 'facility', 'other']
