import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { useConfig } from '@/api/config'
import { useSession } from '@/api/session'
import { firstLanguage, i18n, speak } from '@/text'
import 'element-plus/theme-chalk/base.css'
import '@/theme/theme.css'
import '@/theme/element.css'
import DeskShell from './shell/DeskShell.vue'
import { router } from './routes'

speak(firstLanguage())
const app = createApp(DeskShell)
app.use(createPinia())
app.use(i18n)
// Who is signed in decides what pages show, so it is asked before the first page.
await Promise.all([useSession().look(), useConfig().look()])
app.use(router)
app.mount('#app')
