import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { call, type Problem } from '@/api/client'
import { asProblem } from '@/api/load'
import type { NameCheck, Verdict } from '@/api/types'
import { checkOf, type NameDraft } from './draft'

const pauseMs = 5 // for what comes at once, as a paste; the answer on its way holds back the rest
const patienceMs = 500 // that an answer out of date is waited for before it is given up

/**
 * Judges a name as it is written. One question is on its way at a time, for an answer that is cut off costs the server its connection: what
 * is written meanwhile is asked when it is back, and an answer to what is no longer there is not shown. The last answer stays until then.
 */
export function useNameCheck(draft: Ref<NameDraft>) {
  const verdict = shallowRef<Verdict>()
  const problem = shallowRef<Problem>()
  const judged = ref('') // the name that the verdict is of
  const sending = ref(false)
  const ready = computed(() => draft.value.kind !== 'retire' && draft.value.name.trim() !== '' && draft.value.division !== '')
  const question = computed(() => (ready.value ? JSON.stringify(checkOf(draft.value)) : ''))

  let pausing: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined
  let gone = false

  watch(question, () => {
    clearTimeout(pausing)
    pausing = setTimeout(check, pauseMs)
  })
  onScopeDispose(() => {
    gone = true
    clearTimeout(pausing)
    asked?.abort()
  })

  function check(): void {
    clearTimeout(pausing)
    if (!ready.value) {
      verdict.value = problem.value = undefined
      judged.value = ''
    } else if (!asked) void ask()
    else giveUp(asked)
  }

  function giveUp(late: AbortController): void {
    setTimeout(() => late.abort(), patienceMs)
  }

  async function ask(): Promise<void> {
    const mine = (asked = new AbortController())
    const body = question.value
    sending.value = true
    let answer: Verdict | undefined
    let cause: unknown
    try {
      answer = await call<Verdict>('/api/name-checks', { method: 'POST', body: JSON.parse(body), signal: mine.signal })
    } catch (wrong) {
      cause = wrong
    }
    asked = undefined
    sending.value = false
    if (gone) return
    if (question.value !== body || mine.signal.aborted) return check()
    verdict.value = answer
    judged.value = answer ? (JSON.parse(body) as NameCheck).name : ''
    problem.value = answer ? undefined : asProblem(cause)
  }

  return { verdict, judged, problem, sending, ready, check }
}
