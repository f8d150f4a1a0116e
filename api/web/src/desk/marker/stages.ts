import { useI18n } from 'vue-i18n'
import type { MarkerChange } from '@/api/types'
import { useFormat } from '@/parts/format'

type Stage = MarkerChange['stages'][number]

/** What the stages of a case are called, and in a sentence which comes next and whom it waits for. */
export function useStages() {
  const { t } = useI18n()
  const { word, list } = useFormat()
  const named = (c: MarkerChange, s: Stage): string => (c.kind === 'retirement' && s.name === 'place' ? t('change.archiveOnly') : word('changeStage', s.name))
  const by = (s: Stage): string => (s.waits.length ? list(s.waits.map((p) => p.name)) : word('changeStageBy', s.by))

  /** The sentence of the stage that comes next; '' for a case that is at its end. */
  function next(c: MarkerChange): string {
    const s = c.stages.find((one) => one.state === 'current')
    return s ? t('change.next', { stage: named(c, s), by: by(s) }) : ''
  }
  return { named, by, next }
}
