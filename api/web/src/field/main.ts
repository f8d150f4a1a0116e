import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { useSession } from '@/api/session'
import { firstLanguage, i18n, speak } from '@/text'
import '@/theme/theme.css'
import FieldApp from './FieldApp.vue'
import './vant'

speak(firstLanguage())
const app = createApp(FieldApp)
app.use(createPinia())
app.use(i18n)
await useSession().look()
app.mount('#app')
