import { computed, ref } from 'vue'
import { call } from './client'
import { useSession } from './session'

/**
 * Says once more who acts, before something is signed, approved or written: by the password, or at the identity provider for
 * who came in there, and comes back to the page.
 */
export function useConfirmation() {
  const session = useSession()
  const password = ref('')
  const atProvider = computed(() => session.who?.way === 'oidc')
  const confirmed = computed(() => Date.parse(session.who?.confirmedUntil ?? '') > Date.now())
  const ready = computed(() => (atProvider.value ? confirmed.value : password.value !== ''))

  async function confirm(): Promise<void> {
    if (!atProvider.value) await call('/api/session/confirm', { method: 'POST', body: { password: password.value } })
  }
  return { password, atProvider, confirmed, ready, confirm }
}

export type Confirmation = ReturnType<typeof useConfirmation>
