import { onScopeDispose, ref, type Ref } from 'vue'

/** Whether the screen is a phone's. Tables leave out there what their first column already says. */
export function useNarrow(): Ref<boolean> {
  const query = matchMedia('(max-width: 640px)')
  const narrow = ref(query.matches)
  const look = () => (narrow.value = query.matches)
  query.addEventListener('change', look)
  onScopeDispose(() => query.removeEventListener('change', look))
  return narrow
}
