// A browser says who it is in a line that only programmers can read: its name and its system are what people know.

const browsers: [RegExp, string][] = [[/MicroMessenger/, 'WeChat'], [/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']]
const systems: [RegExp, string][] = [[/Android/, 'Android'], [/HarmonyOS|OpenHarmony/, 'HarmonyOS'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux']]

/** Browser and system of a User-Agent; what is not known stays as it is. */
export function agentName(agent: string): string {
  const of = (known: [RegExp, string][]) => known.find(([sign]) => sign.test(agent))?.[1]
  return [of(browsers), of(systems)].filter(Boolean).join(' · ') || agent
}
