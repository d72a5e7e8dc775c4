/** The bundler collects styles. */
declare module '*.css'
