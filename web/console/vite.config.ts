import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// Served by the app at /console/; during development the API is taken from a running app.
export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'element', test: /node_modules[\\/](element-plus|@element-plus|@floating-ui|async-validator|dayjs)/ },
            { name: 'vue', test: /node_modules[\\/](vue|vue-router|vue-i18n|@vue|@intlify)[\\/]/ },
          ],
        },
      },
    },
  },
});
