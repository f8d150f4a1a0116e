// The colours of the map, one list for the style, the symbols and the legend.

export const colours = {
  ground: '#eef1ee',
  tints: ['#f6ead8', '#e6efdc', '#f5e3e1', '#dfecef', '#ece4f2', '#f5f1cf'], // counties, as 政区图 tint them
  tintUnknown: '#f3f3ee',
  outline: '#b9b3a6',
  province: '#5b2a63',
  provinceBand: '#b48cc0',
  county: '#3c3a36',
  township: '#6d6a63',
  ink: '#22262b',
  inkProvince: '#4a1f52',
  inkCounty: '#2b2b28',
  halo: '#ffffff',
  stone: '#b3261e',
  natural: '#7a4a17',
  settlement: '#3b4650',
  facility: '#1f5f99',
  walked: '#1b6e45',
  viewed: '#1f5f99',
  notChecked: '#c2281d',
  track: '#6a2c91',
  marked: '#e0218a',
  selected: '#f0a500',
  passing: '#a34a00',
  disputed: '#ffd400',
} as const

/** Strokes in pixels at zoom 12, as multiples of the width: dash, gap, dot, gap … */
export const dashes = {
  province: [10, 2.5, 1.4, 2.5, 1.4, 2.5], // 省级界：一长两点
  county: [9, 3, 1.6, 3], // 县级界：一长一点
  notChecked: [1.6, 1],
} as const
