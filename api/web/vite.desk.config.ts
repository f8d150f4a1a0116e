import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.FANGYU_URL ?? 'http://127.0.0.1:8080'

// The desk, served at "/". Element Plus comes in by the component, each with its own style sheet.
export default defineConfig({
  root: here('./src/desk'),
  base: '/',
  publicDir: here('./public'),
  resolve: { alias: { '@': here('./src') } },
  plugins: [vue(), components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: 'css' })] })],
  // JSON answers of vue-i18n are compiled by its interpreter: no `new Function`, so that script-src stays 'self'.
  define: { __INTLIFY_PROD_DEVTOOLS__: 'false', __VUE_I18N_LEGACY_API__: 'false', __VUE_I18N_FULL_INSTALL__: 'true' },
  build: {
    outDir: here('./dist/desk'),
    emptyOutDir: true,
    assetsInlineLimit: 0, // strict CSP: nothing as data: URL
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // maplibre-gl, loaded with the map only
  },
  server: {
    proxy: Object.fromEntries(['/api', '/ogc', '/tiles', '/openapi.json', '/docs'].map((path) => [path, { target: server, changeOrigin: true }])),
  },
})
