import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.FANGYU_URL ?? 'http://127.0.0.1:8080'

// Vant's icon font is fetched from another host by its style sheet; the field pages use no icon of it.
function withoutOutsideFonts(): Plugin {
  return {
    name: 'without-outside-fonts',
    enforce: 'pre',
    transform: {
      filter: { id: /vant.*\.css$/ },
      handler: (code: string) => code.replace(/@font-face\s*\{[^}]*\/\/[^}]*\}/g, ''),
    },
  }
}

// The field pages, served at "/field/".
export default defineConfig({
  root: here('./src/field'),
  base: '/field/',
  publicDir: here('./public'),
  resolve: { alias: { '@': here('./src') } },
  plugins: [withoutOutsideFonts(), vue()],
  define: { __INTLIFY_PROD_DEVTOOLS__: 'false', __VUE_I18N_LEGACY_API__: 'false', __VUE_I18N_FULL_INSTALL__: 'true' },
  build: { outDir: here('./dist/field'), emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': { target: server, changeOrigin: true }, '/ogc': { target: server, changeOrigin: true } } },
})
