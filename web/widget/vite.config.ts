import { defineConfig } from 'vite';

// One self-contained script that runs on the older phones of older citizens.
export default defineConfig({
  build: {
    target: ['es2019', 'chrome80', 'safari14', 'firefox90'],
    lib: { entry: 'src/main.ts', formats: ['iife'], name: 'Lianxin', fileName: () => 'widget.js' },
    emptyOutDir: true,
  },
});
