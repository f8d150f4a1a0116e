import { onScopeDispose, watch, type Ref } from 'vue'
import type { Track } from '@/api/types'

const open = ['received', 'reading']

/** Whether the server still works on the track. */
export const isOpen = (track: Pick<Track, 'state'>): boolean => open.includes(track.state)

/** Asks again every 400 ms while the server still works on the track. */
export function watchTrack(track: Ref<Track | undefined>, again: () => Promise<void>): void {
  let timer: number | undefined
  watch(
    track,
    (now) => {
      clearTimeout(timer)
      if (now && isOpen(now)) timer = window.setTimeout(again, 400)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
}
