import { computed, reactive, ref } from 'vue'
import type { Problem } from './client'
import { asProblem } from './load'
import { useSession } from './session'

/** The change of a password by whoever is signed in, for a form of either look. */
export function usePasswordChange(done: () => void = () => undefined) {
  const session = useSession()
  const form = reactive({ current: '', next: '', again: '' })
  const problem = ref<Problem>()
  const sending = ref(false)
  const differs = computed(() => form.again !== '' && form.again !== form.next)

  async function change(): Promise<void> {
    sending.value = true
    problem.value = undefined
    try {
      await session.changePassword(form.current, form.next)
      Object.assign(form, { current: '', next: '', again: '' })
      done()
    } catch (cause) {
      problem.value = asProblem(cause)
    } finally {
      sending.value = false
    }
  }

  return { form, problem, sending, differs, change }
}
