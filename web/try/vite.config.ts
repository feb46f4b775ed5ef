import { defineConfig } from 'vite';

export default defineConfig({ base: '/try/', build: { target: 'es2020', emptyOutDir: true } });
